import { deepStrictEqual, throws } from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import { resolveCommand } from "./resolve.ts";

function check(line: string, name: string, rest: string): void {
  const words = line === "" ? [] : line.split(" ");
  const resolved = resolveCommand(words);
  const found = resolved.kind === "nothing" ? "" : resolved.name;
  deepStrictEqual([found, resolved.rest.join(" ")], [name, rest]);
}

Deno.test("resolveCommand() finds commands among global options", () => {
  check("", "", "");
  check("--help", "", "--help");
  check("agent list", "agent list", "");
  check("-o json agent list --all", "agent list", "-o json --all");
  check("--home /x agent -q list", "agent list", "--home /x -q");
  check("agent", "agent", "");
  check("agent --help", "agent", "--help");
  check("run f.yaml hello", "run", "f.yaml hello");
});

Deno.test("resolveCommand() knows other names", () => {
  check("agents ls", "agent list", "");
  check("agent run a", "agent execute", "a");
  check("wf run a", "workflow execute", "a");
  check("runs list", "execution list", "");
  check("executions get x", "execution get", "x");
  check("envs list", "env list", "");
});

Deno.test("resolveCommand() takes help as a command", () => {
  check("help agent create", "agent create", "--help");
  check("help agent", "agent", "--help");
  check("agent help", "agent", "--help");
  check("help", "", "--help");
});

Deno.test("resolveCommand() suggests what was meant", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["update", 'Did you mean "upgrade"?'],
    ["aplly", 'Did you mean "apply"?'],
    ["agnt list", 'Did you mean "agent"?'],
    ["agent craete", 'Did you mean "agent create"?'],
    ["execution cancle", 'Did you mean "execution cancel"?'],
    ["zzzzzz", 'Run "stigmer --help" for all commands'],
    ["env zzzzzz", 'Run "stigmer env --help" for its commands'],
  ];
  for (const [line, hint] of cases) {
    throws(
      () => resolveCommand(line.split(" ")),
      (error) => error instanceof StigmerError && error.hints[0] === hint,
      line,
    );
  }
});
