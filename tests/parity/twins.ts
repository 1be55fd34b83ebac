/**
 * Two homes with the same in them, one used on this machine and one through a
 * server, and the same command lines given to both.
 *
 * @module
 */

import {
  createPlace,
  type Place,
  type Ran,
  type Started,
} from "../cli/program.ts";
import { certificateOf } from "../servers/certificate.ts";
import { sayable } from "./sayable.ts";

/** How the server of a pair is reached. */
export type Transport = "tls" | "unix";

/** One of the two. */
export interface Twin {
  readonly name: "local" | "cloud";
  readonly place: Place;
  /** What a command line is given besides, so that it reaches the backend. */
  readonly env: Readonly<Record<string, string>>;
  /** What was taken from answers before, by its name. */
  readonly known: Map<string, string>;
}

/** Both of them. */
export interface Twins extends AsyncDisposable {
  readonly local: Twin;
  readonly cloud: Twin;
}

/** A command line, and what is done with its answer. */
export interface Step {
  /** Words; `{name}` stands for what was taken before. */
  readonly words: readonly string[];
  readonly stdin?: string;
  /** What both must end with; default 0. */
  readonly code?: number;
  /** Keeps the text that the expression finds in stdout under its name. */
  readonly take?: Readonly<Record<string, RegExp>>;
  /** What stdout or stderr of both must have. */
  readonly says?: RegExp;
  /** Changes an answer where it is the backend's own, with a reason beside. */
  readonly level?: (text: string) => string;
}

/** Makes two homes and starts what serves the second and works in the first. */
export async function openTwins(
  options: {
    readonly transport?: Transport;
    /** Whether executions that are left to others are run in both. */
    readonly workers?: boolean;
    readonly files?: Readonly<Record<string, string>>;
  } = {},
): Promise<Twins> {
  const { transport = "tls", workers = false, files = {} } = options;
  const [first, second] = await Promise.all([createPlace(), createPlace()]);
  for (const [name, text] of Object.entries(files)) {
    await Promise.all([first.write(name, text), second.write(name, text)]);
  }
  const running: Started[] = [];
  const start = async (
    place: Place,
    words: readonly string[],
    said: RegExp,
  ) => {
    const started = place.start(words);
    running.push(started);
    await started.said(said);
    return said.exec(started.heard())?.[1] ?? "";
  };
  const { env, listen } = await wayIn(second, transport);
  const [endpoint] = await Promise.all([
    start(
      second,
      ["server", ...listen, "--workers", workers ? "32" : "0"],
      /Listening on (.+?) url=/,
    ),
    ...(workers ? [start(first, ["worker"], /^/)] : []),
  ]);
  return {
    local: { name: "local", place: first, env: {}, known: new Map() },
    cloud: {
      name: "cloud",
      place: second,
      env: { ...env, STIGMER_ENDPOINT: endpoint },
      known: new Map(),
    },
    async [Symbol.asyncDispose]() {
      for (const it of running) it.kill("SIGTERM");
      await Promise.all(running.map((it) => it.ended));
      await Promise.all([first, second].map((it) => it[Symbol.asyncDispose]()));
    },
  };
}

/** How a server listens, and what its callers need. */
async function wayIn(
  place: Place,
  transport: Transport,
): Promise<{
  readonly env: Readonly<Record<string, string>>;
  readonly listen: readonly string[];
}> {
  // A client has a home of its own, with nothing in it.
  const STIGMER_HOME = `${place.folder}/client`;
  if (transport === "unix") {
    return {
      env: { STIGMER_HOME },
      listen: ["--listen", `unix:${place.folder}/run/api.sock`],
    };
  }
  const { cert, key } = await certificateOf("127.0.0.1");
  const made = await place.run([
    "token",
    "create",
    "parity",
    "--role",
    "admin",
  ]);
  await Promise.all([
    place.write("cert.pem", cert),
    place.write("key.pem", key),
    place.write("token.txt", made.stdout),
  ]);
  return {
    env: {
      STIGMER_HOME,
      STIGMER_CA_FILE: `${place.folder}/cert.pem`,
      STIGMER_TOKEN: made.stdout.trim(),
    },
    listen: [
      ...["--listen", "127.0.0.1:0"],
      ...["--tls-cert", "cert.pem", "--tls-key", "key.pem"],
    ],
  };
}

/** The words of a step for one of the two. */
export function wordsFor(
  { known, name }: Twin,
  words: readonly string[],
): readonly string[] {
  return words.map((word) =>
    word.replace(/\{(\w+)\}/g, (_, key: string) => {
      const value = known.get(key);
      if (value === undefined) throw new Error(`${name} has no "${key}"`);
      return value;
    })
  );
}

/** Runs a command line on one of the two. */
export async function runOn(twin: Twin, step: Step): Promise<Ran> {
  const ran = await twin.place.run(wordsFor(twin, step.words), {
    env: twin.env,
    ...(step.stdin === undefined ? {} : { stdin: step.stdin }),
  });
  for (const [key, regexp] of Object.entries(step.take ?? {})) {
    const found = regexp.exec(ran.stdout);
    if (found === null) {
      throw new Error(
        `${twin.name}: no ${key} in ${step.words.join(" ")}: ` +
          `${ran.stdout}${ran.stderr}`,
      );
    }
    twin.known.set(key, found[1] ?? found[0]);
  }
  return ran;
}

/** An answer as it must be the same of both. */
export function levelled(
  { place, env }: Twin,
  ran: Ran,
  level: (text: string) => string = (it) => it,
): Ran {
  const endpoint = env["STIGMER_ENDPOINT"];
  const plain = (text: string): string =>
    level(sayable(text, {
      folder: place.folder,
      ...(endpoint === undefined ? {} : { endpoint }),
    }));
  return {
    code: ran.code,
    stdout: plain(ran.stdout),
    stderr: plain(ran.stderr),
  };
}
