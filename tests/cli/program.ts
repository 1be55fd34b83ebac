/**
 * Runs the real program as a process, with a home folder of its own.
 *
 * @module
 */

import {
  isJsonArray,
  isJsonObject,
  type Json,
  member,
} from "../../src/model/json.ts";
import { PROGRAM_ARGS, programArgs } from "../stigmer_program.ts";

/** Of folders: a path of people, with spaces and letters of all sorts. */
const PLACE_PREFIX = "stigmer cli ünï-";

/** Variables of this process that a test must not pass on. */
const CLEAN_ENV: Readonly<Record<string, string>> = {
  NO_COLOR: "",
  CLICOLOR_FORCE: "",
  STIGMER_OUTPUT: "",
  STIGMER_CONFIG: "",
  STIGMER_MODEL: "",
  STIGMER_BACKEND: "",
  STIGMER_ENDPOINT: "",
  STIGMER_TOKEN: "",
  STIGMER_TOKEN_FILE: "",
  STIGMER_CA_FILE: "",
  STIGMER_INSECURE: "",
  STIGMER_DEBUG: "",
  STIGMER_NO_INPUT: "",
  STIGMER_MASTER_KEY: "",
  STIGMER_MASTER_KEY_FILE: "",
  // The keychain of whoever runs the tests is not theirs to fill.
  STIGMER_KEY_SOURCE: "key-file",
  ANTHROPIC_API_KEY: "",
  OPENAI_API_KEY: "",
};

/** What a run of the program gave. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the program is run. */
export interface RunProgramOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The current folder; default that of the place. */
  readonly cwd?: string;
  /** A library that it may load, which the executable may not. */
  readonly library?: string | undefined;
}

/** A folder to run the program in, removed in the end. */
export interface Place extends AsyncDisposable {
  /** The current folder of each run. */
  readonly folder: string;
  readonly home: string;
  /** Writes a file into the folder. */
  write(name: string, text: string): Promise<void>;
  /** Runs the program to its end. */
  run(words: readonly string[], options?: RunProgramOptions): Promise<Ran>;
  /** Runs it, and gives what it printed as JSON. */
  json(words: readonly string[]): Promise<Json>;
  /** Starts the program and leaves it running. */
  start(words: readonly string[], options?: RunProgramOptions): Started;
}

/** Reads a member of JSON by a path as `items.0.metadata.name`. */
export function pick(json: Json, path: string): Json | undefined {
  let value: Json | undefined = json;
  for (const key of path.split(".")) {
    if (isJsonArray(value)) value = value[Number(key)];
    else value = isJsonObject(value) ? member(value, key) : undefined;
  }
  return value;
}

/** A program that runs. */
export interface Started {
  readonly pid: number;
  kill(signal: Deno.Signal): void;
  /** Resolves when stderr holds the text; rejects when it ends before. */
  said(text: string | RegExp): Promise<void>;
  /** What stderr holds so far. */
  heard(): string;
  /** What stdout holds so far. */
  printed(): string;
  readonly ended: Promise<Ran>;
}

/** Makes a folder to run the program in. */
export async function createPlace(): Promise<Place> {
  const folder = await Deno.makeTempDir({ prefix: PLACE_PREFIX });
  const home = `${folder}/home`;
  const start = (
    words: readonly string[],
    options: RunProgramOptions = {},
  ): Started => startProgram(words, { ...options, folder, home });
  return {
    folder,
    home,
    write: (name, text) => writeBelow(`${folder}/${name}`, text),
    run: (words, options) => start(words, options).ended,
    start,
    async json(words) {
      const { code, stdout, stderr } = await start(words).ended;
      if (stdout === "") {
        throw new Error(`${words.join(" ")}: ${code} ${stderr}`);
      }
      return JSON.parse(stdout);
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function writeBelow(path: string, text: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}

function startProgram(
  words: readonly string[],
  options: RunProgramOptions & {
    readonly folder: string;
    readonly home: string;
  },
): Started {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...(options.library === undefined
        ? PROGRAM_ARGS
        : programArgs(options.library)),
      ...words,
    ],
    cwd: options.cwd ?? options.folder,
    env: { ...CLEAN_ENV, STIGMER_HOME: options.home, ...options.env },
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const heard = { text: "", wake: new Set<() => void>(), done: false };
  const stderr = collect(child.stderr, (text) => {
    heard.text = text;
    for (const wake of heard.wake) wake();
  });
  let printed = "";
  const stdout = collect(child.stdout, (text) => {
    printed = text;
  });
  const ended = (async (): Promise<Ran> => {
    if (options.stdin !== undefined) await feed(child.stdin, options.stdin);
    const [status, out, err] = await Promise.all([
      child.status,
      stdout,
      stderr,
    ]);
    heard.done = true;
    for (const wake of heard.wake) wake();
    return { code: status.code, stdout: out, stderr: err };
  })();
  return {
    pid: child.pid,
    kill: (signal) => child.kill(signal),
    ended,
    heard: () => heard.text,
    printed: () => printed,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = typeof text === "string"
            ? heard.text.includes(text)
            : text.test(heard.text);
          if (found) resolve();
          else if (heard.done) reject(new Error(`Never said: ${heard.text}`));
        };
        heard.wake.add(look);
        look();
      }),
  };
}

async function feed(
  stdin: WritableStream<Uint8Array<ArrayBuffer>>,
  text: string,
): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    // A program that does not read its input may be gone already.
  }
}

async function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  heard: (text: string) => void,
): Promise<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    heard(text);
  }
  return text;
}
