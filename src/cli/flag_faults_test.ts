import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { notFound, StigmerError } from "../model/error.ts";
import { inFlags } from "./flag_faults.ts";

const PLACES = [
  ["/spec/instructions", "--instructions"],
  ["/spec/mcpServers", "--mcp-server"],
] as const;
const MISSING = {
  severity: "error",
  pointer: "/spec/instructions",
  message: "Agent has no instructions, add spec.instructions",
} as const;
const UNKNOWN = {
  severity: "error",
  pointer: "/spec/mcpServers/0/name",
  message:
    'Tool server "git2" is not in the catalog and has no "stdio" or "http"',
  hint: 'Did you mean "git"?',
} as const;

Deno.test("inFlags() tells one fault in one line with its flag", () => {
  const thrown = new StigmerError(
    "INVALID_ARGUMENT",
    `Cannot create agent "a": ${UNKNOWN.message} at ${UNKNOWN.pointer}`,
    { diagnostics: [UNKNOWN], hints: [UNKNOWN.hint] },
  );
  const error = inFlags(thrown, PLACES);
  strictEqual(
    error.message,
    'Cannot create agent "a": --mcp-server: Tool server "git2" is not in the catalog',
  );
  deepStrictEqual([error.hints, error.diagnostics], [[UNKNOWN.hint], []]);
});

Deno.test("inFlags() tells several faults once each", () => {
  const thrown = new StigmerError(
    "INVALID_ARGUMENT",
    `Cannot create agent "a": ${MISSING.message} at ${MISSING.pointer} (and 1 more)`,
    { diagnostics: [MISSING, UNKNOWN], hints: [UNKNOWN.hint] },
  );
  const error = inFlags(thrown, PLACES);
  strictEqual(error.message, 'Cannot create agent "a": 2 errors');
  deepStrictEqual(
    error.diagnostics.map((it) => [it.pointer, it.message]),
    [
      ["--instructions", "Agent has no instructions, give --instructions"],
      ["--mcp-server", 'Tool server "git2" is not in the catalog'],
    ],
  );
  deepStrictEqual(error.hints, []);
});

Deno.test("inFlags() leaves other errors alone", () => {
  const error = notFound("agent", "a");
  strictEqual(inFlags(error, PLACES), error);
});
