/**
 * `shell`: starts a program, directly and in no shell, with none of our
 * variables, and ends it with all that it started.
 *
 * @module
 */

import type { SpawnOptions } from "../host/host.ts";
import { messageOf } from "../model/error.ts";
import type { JsonObject } from "../model/json.ts";
import { ANY_WORD } from "../model/workspace.ts";
import { lineOfWords, readWords } from "./command_words.ts";
import {
  integerParameter,
  numberOf,
  pathParameter,
  textIn,
  textParameter,
  valueOf,
} from "./parameters.ts";
import { ROOT_PATH } from "./path.ts";
import { foundPlace, pathWithin } from "./place.ts";
import { runProgram } from "./program.ts";
import {
  type HereScene,
  type HereTool,
  refused,
  type ToolText,
} from "./tool.ts";

/** Seconds that a program may take, unless the call says; and at the most. */
const SECONDS_DEFAULT = 120;
const SECONDS_MAX = 3600;
const LINE_LENGTH_MAX = 32_000;
/** What programs are told of where they run: that nobody is there to answer. */
const QUIET_ENV: Readonly<Record<string, string>> = {
  CI: "1",
  GIT_TERMINAL_PROMPT: "0",
  NO_COLOR: "1",
  PAGER: "cat",
  GIT_PAGER: "cat",
  TERM: "dumb",
};

/** The tool. */
export const SHELL: HereTool = {
  name: "shell",
  description:
    "Run a program in the workspace and get its exit code and what " +
    "it wrote. There is no shell: quotes work, but no pipes, redirections, " +
    "variables, globs or `&&`; make one call for each program. Nobody can " +
    "answer it, and it ends when the time is over.",
  parameters: {
    cmd: textParameter('The program and its arguments, as "git diff --stat"', {
      isRequired: true,
      lengthMax: LINE_LENGTH_MAX,
      read(text, os) {
        const reading = readWords(text, os);
        return reading.kind === "words"
          ? valueOf(lineOfWords(reading.words))
          : reading;
      },
    }),
    folder: pathParameter("The folder to run it in; default is the workspace"),
    timeoutSeconds: integerParameter(
      `Seconds that it may take; default ${SECONDS_DEFAULT}`,
      { min: 1, max: SECONDS_MAX },
    ),
  },
  effect: "destructive",
  repeatable: false,
  async run(args, scene) {
    const { os } = scene.host.platform;
    // In its one form nothing but quotes is left, on every system.
    const reading = readWords(textIn(args, "cmd"), os);
    if (reading.kind === "wrong") return refused(reading.problem);
    const [program = "", ...rest] = reading.words;
    const where = textIn(args, "folder") || ROOT_PATH;
    const folder = await foundPlace(where, {
      ...scene,
      os,
      files: scene.host.files,
      monotonic: () => scene.host.clock.monotonic(),
      mayRead: () => true,
      own: [],
      isEnded: false,
    });
    if (folder.kind === "wrong") return refused(folder.problem);
    if (folder.info.kind !== "directory") {
      return refused(`"${where}" is no folder`);
    }
    const command = await resolveProgram(program, scene);
    if (command.kind === "wrong") return refused(command.problem);
    return await started(args, scene, {
      command: command.path,
      args: rest,
      env: { ...scene.host.processes.baseEnv(), ...QUIET_ENV },
      cwd: folder.absolute,
    });
  },
};

async function started(
  args: JsonObject,
  { host, context }: HereScene,
  spawn: SpawnOptions,
): Promise<ToolText> {
  const timeoutMs = 1000 * numberOf(args, "timeoutSeconds", SECONDS_DEFAULT);
  try {
    const ended = await runProgram(host, { spawn, timeoutMs }, context);
    const parts = [
      ended.isLate
        ? `[it took more than ${timeoutMs / 1000} s and was ended]`
        : `[exit code ${ended.code}]`,
      ...(ended.stdout === "" ? [] : [ended.stdout]),
      ...(ended.stderr === "" ? [] : [`[stderr]\n${ended.stderr}`]),
    ];
    return { text: parts.join("\n"), isError: ended.isLate };
  } catch (error) {
    context.signal.throwIfAborted();
    return refused(`It cannot be started: ${messageOf(error)}`);
  }
}

type Program =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "wrong"; readonly problem: string };

/** Finds the program that a word means, where it may be started. */
async function resolveProgram(
  word: string,
  { host, settings, root }: HereScene,
): Promise<Program> {
  const { commands } = settings;
  if (!commands.includes(word) && !commands.includes(ANY_WORD)) {
    return wrongProgram(
      `"${word}" is none of the programs that may be started: ` +
        commands.join(", "),
    );
  }
  const isPath = /[/\\]/.test(word);
  const path = isPath ? pathOf(word, root) : host.processes.find(word);
  const found = path === undefined ? undefined : host.processes.find(path);
  if (found === undefined) return wrongProgram(`There is no program "${word}"`);
  // A PATH with a relative folder in it would find what the agent wrote.
  if (!/^(?:\/|[A-Za-z]:[\\/])/.test(found)) {
    return wrongProgram(
      `"${word}" stands in no folder of PATH that is absolute`,
    );
  }
  if (isPath) return { kind: "path", path: found };
  const real = await host.files.realPath(found);
  const inside = pathWithin(real, { root, os: host.platform.os });
  // In the top folder every program is, and no PATH tells them apart.
  if (inside !== undefined && !/^(?:\/|[A-Za-z]:\\)$/.test(root)) {
    return wrongProgram(
      `"${word}" was found in the workspace: write it as "./${inside}", ` +
        "where that may be started",
    );
  }
  return { kind: "path", path: found };
}

function pathOf(word: string, root: string): string {
  return /^(?:[/\\]|[A-Za-z]:)/.test(word)
    ? word
    : `${root}/${word.replace(/^\.[/\\]/, "")}`;
}

function wrongProgram(problem: string): Program {
  return { kind: "wrong", problem };
}
