import { ok } from "node:assert/strict";
import { createPlace } from "../cli/program.ts";
import {
  addPrograms,
  blocksIn,
  checkShown,
  linesOf,
  runLine,
} from "../cli/shown.ts";

const PAGE = new URL("../../docs/secrets.md", import.meta.url);
const SECRET = "s3cr3t-of-the-page";
/** A command that asks for a secret. */
const ASKS = /--secret [A-Z_]+(?= |$)/;

Deno.test("docs/secrets.md shows what happens, and no secret", async () => {
  if (Deno.build.os === "windows") return;
  const page = await Deno.readTextFile(PAGE);
  await using place = await createPlace();
  await addPrograms(place);
  await place.write("token.txt", `${SECRET}\n`);
  await place.write(".env", `API_TOKEN=${SECRET}\nREGION=us\n`);
  await place.write(
    "key.pem",
    "-----BEGIN KEY-----\nabcd\n-----END KEY-----\n",
  );
  let commands = 0;
  for (const { language, text } of blocksIn(page, "yaml", "console")) {
    if (language === "yaml") {
      const name = /^# (\S+\.yaml)\n/.exec(text)?.[1];
      ok(name !== undefined, text);
      await place.write(name, text);
      continue;
    }
    for (const shown of linesOf(text)) {
      commands++;
      // What a line asks for is given on standard input.
      const line = shown.line.replace(ASKS, (it) => `${it}=-`);
      const ran = await runLine(
        place,
        line,
        line === shown.line ? {} : { stdin: SECRET },
      );
      checkShown(shown, ran);
      ok(!ran.said.includes(SECRET), `${line}\n${ran.said}`);
    }
  }
  ok(commands >= 30, `${commands}`);
  // Commands stand in blocks that are run, and nowhere else.
  ok(!/```(?:sh|bash)\n/.test(page));
});
