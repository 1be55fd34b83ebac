/**
 * `run: {shell}`: runs a command of the host's shell.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { type JsonObject, member } from "../../model/json.ts";
import type { Place } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import { checkKeys, placeOf, readString } from "../fields.ts";
import type { ShellTask } from "../tree_runs.ts";
import { PROCESS_INSTEAD, PROCESS_KEYS, readProcess } from "./_process.ts";
import type { Runnable } from "./run.ts";

/** Reads the command of a `run` task. */
export function readShell(
  shell: JsonObject,
  place: Place,
): Runnable<ShellTask> {
  checkKeys(shell, place, {
    known: ["command", ...PROCESS_KEYS],
    required: ["command"],
    what: "a shell process",
    instead: { ...PROCESS_INSTEAD, cmd: "command" },
  });
  const command = readCommandLine(shell, placeOf(place, "command"));
  return {
    kind: "shell",
    command: command ?? { kind: "literal", value: "" },
    ...readProcess(shell, place),
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
