import { ok } from "node:assert/strict";
import { testPage } from "../cli/page.ts";
import { runLine } from "../cli/shown.ts";

const SECRET = "s3cr3t-of-the-page";
/** What asks for a secret; to a list it is the name of one. */
const ASKS = /(?<=^stigmer env .*)--secret [A-Z_]+(?= |$)/;

testPage("secrets.md", {
  commandsMin: 30,
  isWhole: true,
  async prepare(place) {
    await place.write("token.txt", `${SECRET}\n`);
    await place.write(".env", `API_TOKEN=${SECRET}\nREGION=us\n`);
    await place.write(
      "key.pem",
      "-----BEGIN KEY-----\nabcd\n-----END KEY-----\n",
    );
  },
  async run(place, shown) {
    // What a line asks for is given on standard input.
    const line = shown.replace(ASKS, (it) => `${it}=-`);
    const stdin = line === shown ? {} : { stdin: SECRET };
    const ran = await runLine(place, line, stdin);
    ok(!ran.said.includes(SECRET), `${line}\n${ran.said}`);
    return ran;
  },
});

Deno.test("docs/secrets.md has commands in blocks that are run, and nowhere else", async () => {
  const page = await Deno.readTextFile(
    new URL("../../docs/secrets.md", import.meta.url),
  );
  ok(!/```(?:sh|bash)\n/.test(page));
});
