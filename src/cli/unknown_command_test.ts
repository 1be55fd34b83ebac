import { deepStrictEqual, throws } from "node:assert/strict";
import type { StigmerError } from "../model/error.ts";
import { HABITS } from "./habits.ts";
import { resolveCommand } from "./resolve.ts";
import { unknownCommand } from "./unknown_command.ts";

function errorOf(line: string): StigmerError {
  const found = resolveCommand(line.split(" "));
  if (found.kind !== "unknown") throw new Error(`There is a command: ${line}`);
  return unknownCommand(found);
}

Deno.test("unknownCommand() suggests what was meant", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["aplly", 'Did you mean "apply"?'],
    ["agnt list", 'Did you mean "agent"?'],
    ["agent craete", 'Did you mean "agent create"?'],
    ["execution answer wex-1", 'Did you mean "execution respond"?'],
    ["execution reply wex-1", 'Did you mean "execution respond"?'],
    ["execution cancle", 'Did you mean "execution cancel"?'],
    ["zzzzzz", 'Run "stigmer --help" for all commands'],
    ["env zzzzzz", 'Run "stigmer env --help" for its commands'],
  ];
  for (const [line, hint] of cases) {
    deepStrictEqual(errorOf(line).hints[0], hint, line);
  }
});

Deno.test("unknownCommand() knows what other programs call things", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["update", /^Did you mean "upgrade"\? What files say is stored with: /],
    ["describe agent x", /^Show a resource with: stigmer get KIND NAME;/],
    ["exec hello", /^Run a workflow or an agent with: stigmer run NAME$/],
    ["ps", /^List runs with: stigmer execution list$/],
    // A verb without its noun, also where another word is near.
    ["logs wex-1", /^Did you mean "execution logs"\?$/],
    ["pause x", /^Did you mean "execution pause" or "schedule pause"\?$/],
    ["chat", /^Did you mean "agent chat"\?$/],
    // The verb of another program, or of another noun, under a noun.
    ["agent describe x", /^Did you mean "agent get"\?$/],
    ["execution stop x", /^Did you mean "execution cancel"\?$/],
    ["workflow logs x", /^Did you mean "execution logs"\?$/],
  ];
  for (const [line, hint] of cases) {
    const [first = ""] = errorOf(line).hints;
    deepStrictEqual(hint.test(first), true, `${line}: ${first}`);
  }
});

Deno.test("unknownCommand() names the option whose value took the place of the command", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["--frobnicate foo run", "--frobnicate", "Before the command stand"],
    ["--hom /x get agents", "--hom", 'Did you mean "--home"?'],
    ["--limit 3 execution list", "--limit", "Before the command stand"],
    ["execution --limit 3 list", "--limit", "Before the command stand"],
    ["-Z 3 get", "-Z", "Before the command stand"],
  ];
  for (const [line, option, hint] of cases) {
    const { hints, message } = errorOf(line);
    deepStrictEqual(message, `Unknown option "${option}"`, line);
    deepStrictEqual(hints[0]?.startsWith(hint), true, hints[0]);
  }
});

Deno.test("unknownCommand() refuses a token before it names a word", () => {
  throws(() => errorOf("foo --token sgt_secret"), /"--token" does not exist/);
});

Deno.test("each command of other programs leads to one that there is, and is none itself", () => {
  for (const [word, hint] of Object.entries(HABITS)) {
    deepStrictEqual(resolveCommand([word]).kind, "unknown", word);
    const named = [...hint.matchAll(/stigmer ([a-z]+(?: [a-z]+)?)/g)];
    deepStrictEqual(named.length > 0, true, hint);
    for (const [, line = ""] of named) {
      deepStrictEqual(resolveCommand(line.split(" ")).kind, "verb", line);
    }
  }
});
