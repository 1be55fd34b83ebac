/**
 * `run: {shell}`: runs a command of the host's shell.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { type JsonObject, member } from "../../model/json.ts";
import type { Place, TaskPlace } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import {
  checkKeys,
  placeOf,
  readBoolean,
  readChoice,
  readObject,
  readString,
  reportError,
  reportType,
  reportUnsupported,
} from "../fields.ts";
import type { ShellTask } from "../tree_runs.ts";
import { readBase } from "./_base.ts";

/** What else `run` may run. */
const UNSUPPORTED: readonly string[] = ["container", "script", "workflow"];

/** Reads a `run` task. */
export function readShell(place: TaskPlace): ShellTask {
  const base = readBase(place, { kind: "run", known: ["run"] });
  const at = placeOf(place, "run");
  const run = readObject(member(place.object, "run"), at) ?? {};
  noteUnsupported(run, at);
  const shell = readObject(member(run, "shell"), placeOf(at, "shell"));
  return {
    ...base,
    kind: "shell",
    ...readCommand(shell, placeOf(at, "shell")),
    await: readBoolean(member(run, "await"), placeOf(at, "await")) ?? true,
    return: readChoice(
      member(run, "return"),
      placeOf(at, "return"),
      ["stdout", "stderr", "code", "all", "none"],
    ) ?? "stdout",
  };
}

function noteUnsupported(run: JsonObject, place: Place): void {
  const given = UNSUPPORTED.filter((key) => member(run, key) !== undefined);
  for (const key of given) {
    reportUnsupported(place, { key, what: `"run: ${key}" is` });
  }
  checkKeys(run, place, {
    known: ["shell", "await", "return"],
    required: given.length === 0 ? ["shell"] : [],
    what: 'the "run" of a task',
    instead: { command: "shell.command", cmd: "shell.command" },
    ignore: UNSUPPORTED,
  });
}

function readCommand(
  given: JsonObject | undefined,
  place: Place,
): Pick<ShellTask, "command" | "arguments" | "stdin" | "environment"> {
  const shell = given ?? {};
  if (given !== undefined) {
    checkKeys(shell, place, {
      known: ["command", "arguments", "stdin", "environment"],
      required: ["command"],
      what: "a shell process",
      instead: { args: "arguments", env: "environment", cmd: "command" },
    });
  }
  const command = readCommandLine(shell, placeOf(place, "command"));
  const stdin = readTemplate(member(shell, "stdin"), placeOf(place, "stdin"));
  const args = readArguments(shell, place);
  const environment = readEnvironment(shell, place);
  return {
    command: command ?? { kind: "literal", value: "" },
    ...(args === undefined ? {} : { arguments: args }),
    ...(stdin === undefined ? {} : { stdin }),
    ...(environment === undefined ? {} : { environment }),
  };
}

/** What looks like a variable of the shell: `${HOME}`, `${1:-x}`, `${#a}`. */
const SHELL_VARIABLE = /^\$\{[#!]?(?:[A-Za-z_]\w*|[@*])(?:[-:+=?#%/^,@[].*)?\}/;

/** Reads the command; its `${…}` is ours, not the shell's. */
function readCommandLine(
  shell: JsonObject,
  place: Place,
): Template | undefined {
  const text = readString(member(shell, "command"), place);
  if (text === undefined) return undefined;
  const diagnostics: Diagnostic[] = [];
  const context = { ...place.context, diagnostics };
  const command = readTemplate(text, { ...place, context });
  place.context.diagnostics.push(
    ...diagnostics.map((it) => withShellHint(it, text)),
  );
  return command;
}

function withShellHint(diagnostic: Diagnostic, text: string): Diagnostic {
  const { offset = 0 } = diagnostic;
  const start = text.lastIndexOf("${", offset);
  const variable = SHELL_VARIABLE.exec(text.slice(Math.max(0, start)))?.[0];
  if (start < 0 || variable === undefined) return diagnostic;
  const name = /\w+/.exec(variable)?.[0];
  const plain = variable === `\${${name}}` ? `$${name} or ` : "";
  return {
    ...diagnostic,
    hint: `"\${…}" is an expression of the workflow; for the shell's own ` +
      `variable write ${plain}\${ "${variable}" }`,
  };
}

function readArguments(shell: JsonObject, place: Place): Template | undefined {
  const value = member(shell, "arguments");
  const at = placeOf(place, "arguments");
  if (typeof value === "number" || typeof value === "boolean") {
    reportType(at, "an array of strings, or an object", value);
  }
  return readTemplate(value, at);
}

function readEnvironment(
  shell: JsonObject,
  place: Place,
): Template | undefined {
  const value = member(shell, "environment");
  const at = placeOf(place, "environment");
  if (typeof value === "string" && value.includes("${")) {
    return readTemplate(value, at);
  }
  const variables = readObject(value, at);
  for (const [name, item] of Object.entries(variables ?? {})) {
    if (name !== "" && !/[=\0]/.test(name) && typeof item !== "object") {
      continue;
    }
    reportError(placeOf(at, name), {
      message: `Variable "${name}" must be text with a name without "="`,
    });
  }
  return readTemplate(variables, at);
}
