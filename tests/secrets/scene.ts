/**
 * A folder whose every trace is searched for secrets: all files below it, all
 * that commands printed, all temporary files while they were there, and the
 * arguments and environments of all processes that were seen while they ran.
 *
 * Secrets come in by files of a folder that is not searched, so that whatever
 * is found was written by the program.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  createPlace,
  type Place,
  type Ran,
  type RunProgramOptions,
  type Started,
} from "../cli/program.ts";
import type { OddSecret } from "./odd_secrets.ts";
import { type Hit, type Search, searchFolder, searchFor } from "./search.ts";

/** Wait between two looks at the processes of the machine. */
const LOOK_EVERY_MS = 5;
/** A process begins as a copy of the one that starts it. */
const LOOKS_MAX = 20;
/** Bytes of a file that are looked at while it may be gone soon. */
const GLIMPSE_BYTES_MAX = 1 << 20;
/** Characters of the output of a command that an error shows. */
const SAID_LENGTH_MAX = 3000;

/** In the environment of a process that is meant to have secrets there. */
export const MAY_HAVE = "CANARY_MAY_HAVE";

/** A place that keeps all that it said. */
export interface Scene extends AsyncDisposable {
  readonly place: Place;
  /** Where the value of a secret can be read, as an option takes it. */
  given(name: string): string;
  /** Runs a command; what it prints is searched in the end. */
  run(words: readonly string[], options?: SceneRun): Promise<Ran>;
  /** Starts a command; what it prints is searched when it has ended. */
  start(words: readonly string[], options?: RunProgramOptions): Started;
  /** Adds something to what is searched. */
  keep(where: string, content: string): void;
  /**
   * Searches all of it, for these or for the secrets of the scene, and for
   * master keys everywhere but in their file.
   */
  search(search?: Search): Promise<readonly Hit[]>;
  /** How many processes were seen. */
  readonly processCount: () => number;
}

/** How a command of a scene is run. */
export interface SceneRun extends RunProgramOptions {
  /** The exit code that it must end with; default 0, -1 for any. */
  readonly code?: number;
}

/** Makes a scene, and begins to look at the processes of the machine. */
export async function createScene(
  secrets: readonly OddSecret[],
): Promise<Scene> {
  const place = await createPlace();
  const given = `${place.folder}/given`;
  const temporary = `${place.folder}/tmp`;
  await Deno.mkdir(temporary);
  for (const { name, value } of secrets) {
    // The last line end of a file is not of the secret.
    await place.write(`given/${name}`, `${value}\n`);
  }
  const kept = new Map<string, string>();
  const keep: Scene["keep"] = (where, content) => {
    kept.set(`${where} (${kept.size})`, content);
  };
  const watch = watchMachine(keep, temporary);
  const own = searchFor(secrets);
  const start: Scene["start"] = (words, options = {}) => {
    const started = place.start(words, {
      ...options,
      env: { TMPDIR: temporary, ...options.env },
    });
    const line = words.join(" ");
    keep("a command line", line);
    const ended = started.ended.then((ran) => {
      keep(`stdout of "${line}"`, ran.stdout);
      keep(`stderr of "${line}"`, ran.stderr);
      return ran;
    });
    return { ...started, ended };
  };
  return {
    place,
    given: (name) => `${name}=${given}/${name}`,
    keep,
    start,
    async run(words, { code = 0, ...options } = {}) {
      const ran = await start(words, options).ended;
      const said = `${words.join(" ")}: ${ran.code}\n${
        ran.stdout.slice(-SAID_LENGTH_MAX)
      }${ran.stderr.slice(-SAID_LENGTH_MAX)}`;
      if (code >= 0) assert.equal(ran.code, code, said);
      return ran;
    },
    async search(search = own) {
      const file = `${place.home}/master.key`;
      const isKey = searchFor(await keysIn(file));
      const encoder = new TextEncoder();
      return [
        ...[...kept].flatMap(([where, text]) =>
          [search, isKey].flatMap((it) => it(where, encoder.encode(text)))
        ),
        ...await searchFolder(search, place.folder, [given]),
        ...await searchFolder(isKey, place.folder, [given, file]),
      ];
    },
    processCount: watch.processCount,
    async [Symbol.asyncDispose]() {
      watch.stop();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** The master keys of a key file, as they are and as text. */
async function keysIn(path: string): Promise<readonly OddSecret[]> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return [...text.matchAll(/^key-\S+ (\S+)$/gm)].map(([, value = ""]) => ({
    name: "MASTER_KEY",
    value,
  }));
}

/** Looks at processes and temporary files while they are there. */
function watchMachine(
  keep: Scene["keep"],
  temporary: string,
): { readonly stop: () => void; readonly processCount: () => number } {
  const looks = new Map<string, number>();
  const seen = new Set<string>();
  const keepOnce = (where: string, content: string): void => {
    const key = `${where} ${content}`;
    if (content === "" || seen.has(key)) return;
    seen.add(key);
    keep(where, content);
  };
  const timer = setInterval(() => {
    for (const pid of processIds()) {
      const count = looks.get(pid) ?? 0;
      if (count >= LOOKS_MAX) continue;
      const commandLine = readProc(pid, "cmdline");
      const environment = readProc(pid, "environ");
      // It may have become another program between the two.
      if (commandLine === "" || commandLine !== readProc(pid, "cmdline")) {
        continue;
      }
      looks.set(pid, count + 1);
      keepOnce(`arguments of process ${pid}`, commandLine);
      if (environment.includes(`${MAY_HAVE}=`)) continue;
      keepOnce(`environment of process ${pid} (${commandLine})`, environment);
    }
    for (const path of filesBelow(temporary)) {
      keepOnce(`${path} for a while`, glimpse(path));
    }
  }, LOOK_EVERY_MS);
  return {
    stop: () => clearInterval(timer),
    processCount: () => looks.size,
  };
}

function processIds(): readonly string[] {
  try {
    return [...Deno.readDirSync("/proc")].map((it) => it.name)
      .filter((name) => /^\d+$/.test(name) && name !== String(Deno.pid));
  } catch {
    // No such folder: not Linux, where only files and output are searched.
    return [];
  }
}

function readProc(pid: string, what: "cmdline" | "environ"): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/${what}`).replaceAll("\0", " ");
  } catch {
    return "";
  }
}

function filesBelow(folder: string): readonly string[] {
  try {
    return [...Deno.readDirSync(folder)].flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory ? filesBelow(path) : [path];
    });
  } catch {
    return [];
  }
}

function glimpse(path: string): string {
  try {
    if (Deno.statSync(path).size > GLIMPSE_BYTES_MAX) return "";
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
