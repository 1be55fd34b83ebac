import assert from "node:assert/strict";
import { createPlace } from "../cli/program.ts";
import {
  addPrograms,
  checkShown,
  runLine,
  shownIn,
  words,
} from "../cli/shown.ts";

const PAGE = new URL("../../docs/operations.md", import.meta.url);

/** Whether a line is the one shown; sizes differ from machine to machine. */
function isSame(told: string, expected: string): boolean {
  const [left, right] = [told, expected]
    .map((it) => words(it.replaceAll(/\d+\.\d [KM]iB/g, "SIZE")));
  return left === right;
}

Deno.test("docs/operations.md shows what keeping a database looks like", async () => {
  if (Deno.build.os === "windows") return;
  const page = await Deno.readTextFile(PAGE);
  await using place = await createPlace();
  await place.write(
    "flow.yaml",
    `document: { dsl: 1.0.0, namespace: t, name: flow, version: 1.0.0 }
do: [{ pause: { wait: { milliseconds: 1 } } }]
`,
  );
  await addPrograms(place);
  const commands = shownIn(page);
  for (const shown of commands) {
    // What has just ended is not yet a second old.
    if (shown.line.includes("--executions 1s")) await passASecond();
    const ran = await runLine(place, shown.line);
    const said = ran.said.replaceAll(place.home, "/home/me/.stigmer")
      .replaceAll(place.folder, "/home/me");
    checkShown(shown, { code: ran.code, said }, isSame);
  }
  assert.ok(commands.length >= 12, `${commands.length}`);
});

function passASecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1100));
}
