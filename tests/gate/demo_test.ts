import { match, ok } from "node:assert/strict";
import { outputOf, runDeno } from "../../.dev/command.ts";

Deno.test("the demo runs a workflow and an agent with real tools", async () => {
  const result = await runDeno(["run", "-A", ".dev/demo.ts"], {
    // No key and no model of the machine may take part.
    env: { ANTHROPIC_API_KEY: "", OPENAI_API_KEY: "" },
  });
  ok(result.ok, outputOf(result));
  const { stdout } = result;
  match(stdout, /\$ stigmer init/);
  match(stdout, /agent\/librarian created/);
  match(stdout, /This is a (small|large) repository of \d+ files, mostly/);
  // Only the real server can know how that file begins.
  match(stdout, /"The store uses `node:sqlite`, not SQLite over FFI"/);
  match(stdout, /Try next/);
});
