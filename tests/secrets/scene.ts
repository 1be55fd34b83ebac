/**
 * A home folder whose every trace is searched for secrets: all files below it,
 * all that commands printed, and the arguments and environments of all
 * processes that were seen while they ran.
 *
 * @module
 */

import { createPlace, type Place, type Ran } from "../cli/program.ts";
import { type Hit, type Search, searchFolder } from "./search.ts";

/** Wait between two looks at the processes of the machine. */
const LOOK_EVERY_MS = 5;

/** A place that keeps all that it said. */
export interface Scene extends AsyncDisposable {
  readonly place: Place;
  /** Runs a command; what it prints is searched in the end. */
  run(words: readonly string[], options?: SceneOptions): Promise<Ran>;
  /** Adds something to what is searched. */
  keep(where: string, content: string | Uint8Array): void;
  /** Searches all of it. */
  search(search: Search): Promise<readonly Hit[]>;
}

/** How a command of a scene is run. */
export interface SceneOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a scene is made with. */
export interface SceneSetup {
  /**
   * Says whether a process was meant to have secrets in its environment, by
   * its arguments.
   */
  readonly mayHave?: (commandLine: string) => boolean;
}

/** Makes a scene, and begins to look at the processes of the machine. */
export async function createScene(setup: SceneSetup = {}): Promise<Scene> {
  const place = await createPlace();
  const kept: { readonly where: string; readonly bytes: Uint8Array }[] = [];
  const keep = (where: string, content: string | Uint8Array): void => {
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content;
    kept.push({ where, bytes });
  };
  const watch = watchProcesses(keep, setup);
  return {
    place,
    keep,
    async run(words, options) {
      const ran = await place.run(words, options);
      const line = words.join(" ");
      keep(`stdout of "${line}"`, ran.stdout);
      keep(`stderr of "${line}"`, ran.stderr);
      return ran;
    },
    async search(search) {
      const hits = kept.flatMap((it) => search(it.where, it.bytes));
      return [...hits, ...await searchFolder(search, place.home)];
    },
    async [Symbol.asyncDispose]() {
      clearInterval(watch);
      await place[Symbol.asyncDispose]();
    },
  };
}

/** Keeps the arguments and the environment of each process once. */
function watchProcesses(
  keep: Scene["keep"],
  { mayHave = () => false }: SceneSetup,
): ReturnType<typeof setInterval> {
  const seen = new Set<string>();
  return setInterval(() => {
    for (const pid of processIds()) {
      const commandLine = readProc(pid, "cmdline");
      const environment = readProc(pid, "environ");
      // A process begins as a copy of the one that starts it.
      const key = `${pid} ${commandLine} ${environment.length}`;
      if (commandLine === "" || seen.has(key)) continue;
      seen.add(key);
      keep(`arguments of process ${pid}`, commandLine);
      if (!mayHave(commandLine)) {
        keep(`environment of process ${pid} (${commandLine})`, environment);
      }
    }
  }, LOOK_EVERY_MS);
}

function processIds(): readonly string[] {
  try {
    return [...Deno.readDirSync("/proc")].map((it) => it.name)
      .filter((name) => /^\d+$/.test(name));
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
