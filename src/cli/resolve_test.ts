import { deepStrictEqual } from "node:assert/strict";
import { resolveCommand } from "./resolve.ts";

function check(line: string, name: string, rest: string): void {
  const words = line === "" ? [] : line.split(" ");
  const resolved = resolveCommand(words);
  const found = "name" in resolved ? resolved.name : "";
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

Deno.test("resolveCommand() gives a word that is no command, and what stands around it", () => {
  const check = (line: string) => {
    const found = resolveCommand(line.split(" "));
    if (found.kind !== "unknown") throw new Error(`${line}: ${found.kind}`);
    const { before, of, rest, word } = found;
    return [of?.name, before, word, rest];
  };
  deepStrictEqual(check("-q foo bar"), [undefined, ["-q"], "foo", [
    "-q",
    "bar",
  ]]);
  deepStrictEqual(check("agent --x foo"), ["agent", ["--x"], "foo", ["--x"]]);
  deepStrictEqual(check("help foo"), [undefined, [], "foo", []]);
});
