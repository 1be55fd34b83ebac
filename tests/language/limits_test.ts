import { equal } from "node:assert/strict";
import {
  EVALUATION_OUTPUT_BYTES_MAX,
  EVALUATION_STEPS_MAX,
  EVALUATION_TIME_MS_MAX,
  EXPRESSION_DEPTH_MAX,
  EXPRESSION_LENGTH_MAX,
} from "../../src/expr/limits.ts";
import {
  INLINE_VALUE_BYTES_MAX,
  VALUE_SIZE_BYTES_MAX,
} from "../../src/model/limits.ts";
import {
  ITEMS_ALLOWED_MAX,
  STEPS_ALLOWED_MAX,
} from "../../src/workflow/evaluation.ts";
import {
  DURATION_MS_MAX,
  TASK_DEPTH_MAX,
  TASKS_MAX,
} from "../../src/workflow/limits.ts";

const PAGE = new URL("../../docs/workflow-language.md", import.meta.url);
const ENGINE = new URL("../../src/engine/", import.meta.url);

/** A bound that a room keeps to itself. */
async function boundIn(file: string, name: string): Promise<number> {
  const text = await Deno.readTextFile(new URL(file, ENGINE));
  const value = new RegExp(`const ${name} = ([\\d_]+);`).exec(text)?.[1];
  return Number(value?.replaceAll("_", ""));
}

Deno.test("docs/workflow-language.md has the limits that hold", async () => {
  const page = (await Deno.readTextFile(PAGE)).replaceAll(",", "");
  const ofWalk = (name: string) => boundIn("_walk.ts", name);
  const year = 365.25 * 86_400_000;
  const limits: readonly (readonly [RegExp, number])[] = [
    [/\| tasks of a workflow.*\| (\d+)/, TASKS_MAX],
    [/\| lists of tasks inside.*\| (\d+)/, TASK_DEPTH_MAX],
    [/\| visits of one task.*\| (\d+)/, await ofWalk("VISITS_MAX")],
    [/visited at most (\d+) times/, await ofWalk("VISITS_MAX")],
    [/\| rounds of one `for`.*\| (\d+)/, await ofWalk("ITERATIONS_MAX")],
    [/\| tries of one `try`.*\| (\d+)/, await ofWalk("TRY_ROUNDS_MAX")],
    [/\| steps in a row.*\| (\d+)/, await ofWalk("STEPS_PER_EVENT_MAX")],
    [/\| things that.*\| (\d+)/, await ofWalk("COMMANDS_OUTSTANDING_MAX")],
    [
      /\| events of one run.*\| (\d+)/,
      await boundIn("drive.ts", "JOURNAL_EVENTS_MAX"),
    ],
    [/\| tasks of a graph.*\| (\d+)/, await ofWalk("GRAPH_PARALLEL_MAX")],
    [/\| one duration.*\| (\d+) years/, DURATION_MS_MAX / year],
    [/\| one value.*\| (\d+) MiB/, VALUE_SIZE_BYTES_MAX / 2 ** 20],
    [/above (\d+) KiB/, INLINE_VALUE_BYTES_MAX / 2 ** 10],
    [/\| one expression.*\| (\d+) KiB/, EXPRESSION_LENGTH_MAX / 2 ** 10],
    [/ KiB (\d+) deep/, EXPRESSION_DEPTH_MAX],
    [/(\d+) million steps of jq/, EVALUATION_STEPS_MAX / 1e6],
    [/of jq (\d+) MiB/, EVALUATION_OUTPUT_BYTES_MAX / 2 ** 20],
    [/of jq \d+ MiB (\d+) s/, EVALUATION_TIME_MS_MAX / 1000],
    [/up\s+to\s+(\d+)\s+million\s+steps/, STEPS_ALLOWED_MAX / 1e6],
    [/and\s+(\d+)\s+million\s+items/, ITEMS_ALLOWED_MAX / 1e6],
  ];
  for (const [pattern, value] of limits) {
    equal(Number(pattern.exec(page)?.[1]), value, `${pattern}`);
  }
});
