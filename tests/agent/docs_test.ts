import { deepStrictEqual, ok } from "node:assert/strict";
import { parse } from "yaml";
import { createPlace } from "../cli/program.ts";
import {
  addPrograms,
  blocksIn,
  checkShown,
  linesOf,
  runLine,
} from "../cli/shown.ts";

const PAGE = new URL("../../docs/agents.md", import.meta.url);

Deno.test("docs/agents.md shows what happens", async () => {
  if (Deno.build.os === "windows") return;
  const page = await Deno.readTextFile(PAGE);
  await using place = await createPlace();
  await addPrograms(place);
  let commands = 0;
  for (const { language, text } of blocksIn(page, "yaml", "console")) {
    const name = /^# (\S+\.yaml)\n/.exec(text)?.[1];
    if (language === "yaml" && name === "review.yaml") {
      const written = await Deno.readTextFile(`${place.folder}/${name}`);
      deepStrictEqual(parse(written), parse(text));
    } else if (language === "yaml") {
      ok(name !== undefined, text);
      await place.write(name, text);
    }
    for (const shown of language === "console" ? linesOf(text) : []) {
      commands++;
      checkShown(shown, await runLine(place, shown.line));
    }
  }
  ok(commands >= 9, `${commands}`);
});
