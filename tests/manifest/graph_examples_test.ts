import { deepEqual, ok } from "node:assert/strict";
import { parse } from "yaml";
import { drawWorkflow } from "../../src/manifest/draw_workflow.ts";
import { checkWorkflow } from "../../src/workflow/check.ts";
import { tasksOf } from "../../src/workflow/references.ts";
import {
  readSpecification,
  specificationFolder,
} from "../conformance/specification.ts";

const folder = specificationFolder("examples", ".yaml");

Deno.test({
  name:
    "each example is drawn: every task once, and no edge from or to nowhere",
  ignore: folder.path === undefined,
  fn() {
    for (const name of folder.names) {
      const { plan } = checkWorkflow(parse(readSpecification(folder, name)));
      ok(plan, name);
      const { nodes, edges, groups } = drawWorkflow(plan);
      const ids = nodes.map(({ id }) => id);
      const drawn = nodes.filter(({ kind }) =>
        kind !== "start" && kind !== "end" && kind !== "join"
      ).map(({ id }) => id);
      const tasks = new Set(tasksOf(plan).map(({ pointer }) => pointer));
      deepEqual(drawn.toSorted(), [...tasks].toSorted(), name);
      for (const { from, to } of edges) {
        ok(ids.includes(from) && ids.includes(to), `${name}: ${from} → ${to}`);
      }
      const known = groups.map(({ id }) => id);
      for (const { group } of [...nodes, ...groups]) {
        ok(group === undefined || known.includes(group), `${name}: ${group}`);
      }
    }
  },
});
