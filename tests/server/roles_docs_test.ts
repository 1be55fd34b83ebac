import { deepStrictEqual } from "node:assert/strict";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { type MethodName, ROLE_OF } from "../../src/backend/caller.ts";
import { ROLES } from "../../src/model/role.ts";

const PAGE = new URL("../../docs/cloud.md", import.meta.url);

Deno.test("docs/cloud.md gives each call the role that the server asks for", async () => {
  const page = await Deno.readTextFile(PAGE);
  const told = new Map<string, string>();
  for (const role of ROLES) {
    const item = new RegExp(`^- \\*\\*${role}\\*\\*:(.*?)(?=^- |^\\S)`, "ms");
    const [, list = ""] = item.exec(page) ?? [];
    for (const [, name = ""] of list.matchAll(/`(\w+)`/g)) told.set(name, role);
  }
  const methods = Object.keys(ROLE_OF) as MethodName[];
  const real = methods.map((it) =>
    [BackendService.method[it].name, ROLE_OF[it]] as const
  );
  deepStrictEqual(
    [...told].toSorted(([a], [b]) => a < b ? -1 : 1),
    real.toSorted(([a], [b]) => a < b ? -1 : 1),
  );
});
