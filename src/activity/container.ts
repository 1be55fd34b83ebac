/**
 * The `container` activity: runs a container with docker or podman.
 *
 * The engine is a program of the host, spoken to by its arguments. Arguments
 * are public, so that variables go by name there and by value in the engine's
 * own environment. A container is labelled with the attempt that it belongs
 * to: what a crash left behind is removed before the attempt runs again, and
 * what is aborted is removed at once.
 *
 * @module
 */

import type { Host, SpawnOptions } from "../host/host.ts";
import type { Activity, ActivityContext } from "../model/durable.ts";
import { failedPrecondition, invalidArgument } from "../model/error.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import { sha256Hex } from "../model/sha256.ts";
import {
  isWindows,
  letGo,
  type ProcessHost,
  runProcess,
  runToEnd,
} from "./process.ts";
import {
  parseProcessInput,
  parseText,
  parseTexts,
  type ProcessInput,
} from "./process_input.ts";

/** The engines, the one to take first. */
const ENGINES: readonly string[] = ["docker", "podman"];
/** Variables by which people say how their engine is reached. */
const ENGINE_VARIABLES: readonly string[] = [
  "DOCKER_HOST",
  "DOCKER_CONTEXT",
  "DOCKER_CONFIG",
  "DOCKER_CERT_PATH",
  "DOCKER_TLS_VERIFY",
  "CONTAINER_HOST",
  "CONTAINERS_CONF",
  "XDG_RUNTIME_DIR",
  "XDG_CONFIG_HOME",
];
/** Variables of the engine itself, which a container's would take the place of. */
const STEERING =
  /^(?:PATH|HOME|XDG_\w+|DOCKER_\w+|CONTAINERS?_\w+|BUILDAH_\w+)$/;
/** Names the attempt that a container belongs to. */
const LABEL = "ai.stigmer.attempt";
const LABEL_LENGTH = 24;
const NAME_LENGTH_MAX = 200;
/** How the engine says that it failed itself. */
const ENGINE_FAILED_CODE = 125;
/** How long the engine may take to remove a container. */
const REMOVE_TIMEOUT_MS = 10_000;
/** Removes a container after some seconds, whoever is still there then. */
const REMOVE_LATER = 'sleep "$1"; exec "$2" rm --force "$3"';

/** A container to run. */
interface ContainerInput extends ProcessInput {
  readonly workflow: string;
  readonly namespace: string;
  readonly image: string;
  readonly name: string | undefined;
  readonly command: string | undefined;
  readonly ports: Readonly<Record<string, string>>;
  readonly volumes: Readonly<Record<string, string>>;
  readonly pull: "missing" | "always" | "never";
  readonly cleanup: "always" | "never" | "eventually";
  readonly cleanupAfterMs: number;
}

/** Makes the activity. */
export function createContainerActivity(
  { host }: { readonly host: ProcessHost },
): Activity {
  return async (json, context) => {
    const engine = requireContainerEngine(host);
    const input = parseInput(json);
    refuseSteering(input);
    refuseImage(input);
    const label = labelOf(context);
    const name = input.name ?? nameOf(input, { label, task: context.name });
    const about = { engine, input, name, label, context };
    await endOurs(host, about, ["rm", "--force"]);
    try {
      const outcome = await runProcess(host, {
        ...input,
        // The engine itself leaves a container alone that nobody waits for.
        await: true,
        return: input.await ? input.return : "stdout",
        what: `container "${input.image}"`,
        spawn: runOf(host, about),
        explain: engineFailure,
      }, context);
      if (outcome.kind === "completed" && !input.await) {
        return { kind: "completed", output: null };
      }
      return outcome;
    } finally {
      if (context.signal.aborted) {
        const isKept = input.cleanup === "never";
        await endOurs(host, about, isKept ? ["kill"] : ["rm", "--force"]);
      } else if (
        input.cleanup === "eventually" && !isRemovedAtEnd(host, input)
      ) {
        removeLater(host, about);
      }
    }
  };
}

/** What is run, and for whom. */
interface About {
  readonly engine: string;
  readonly input: ContainerInput;
  readonly name: string;
  readonly label: string;
  readonly context: ActivityContext;
}

/**
 * Finds the engine of the host.
 *
 * @throws {StigmerError} FAILED_PRECONDITION when there is none.
 */
export function requireContainerEngine(host: Pick<Host, "processes">): string {
  const found = ENGINES.map((name) => host.processes.find(name))
    .find((path) => path !== undefined);
  if (found !== undefined) return found;
  throw failedPrecondition(
    "Cannot run containers: there is neither docker nor podman on PATH, " +
      "install one of them",
  );
}

function runOf(host: ProcessHost, about: About): SpawnOptions {
  const { engine, input, name, label, context } = about;
  return {
    command: engine,
    args: [
      "run",
      "--name",
      name,
      "--label",
      `${LABEL}=${label}`,
      `--pull=${input.pull}`,
      ...(isRemovedAtEnd(host, input) ? ["--rm"] : []),
      ...(input.await ? [] : ["--detach"]),
      ...(input.await && input.stdin !== undefined ? ["--interactive"] : []),
      ...each(
        input.ports,
        (port, inside) => ["--publish", `${port}:${inside}`],
      ),
      ...each(input.volumes, (path, inside) => [
        "--volume",
        `${hostPath(path, context)}:${inside}`,
      ]),
      ...each(input.environment, (variable) => ["--env", variable]),
      input.image,
      // A command is one of a shell, as the arguments "$1", "$2" show.
      ...(input.command === undefined ? [] : ["sh", "-c", input.command, "sh"]),
      ...input.args,
    ],
    env: { ...engineEnv(host), ...input.environment },
    cwd: context.workingDirectory,
  };
}

/** Windows has nothing to wait for the time, so that it is always now there. */
function isRemovedAtEnd(host: ProcessHost, input: ContainerInput): boolean {
  return input.cleanup === "always" ||
    (input.cleanup === "eventually" && isWindows(host));
}

function each(
  pairs: Readonly<Record<string, string>>,
  flag: (key: string, value: string) => readonly string[],
): string[] {
  return Object.entries(pairs).flatMap(([key, value]) => flag(key, value));
}

/** A path that starts with a dot is one of the run's folder; a word, a volume. */
function hostPath(path: string, context: ActivityContext): string {
  return /^\.{1,2}(?:[\\/]|$)/.test(path)
    ? `${context.workingDirectory}/${path}`
    : path;
}

/** The engine's own failures, which are not those of what it runs. */
function engineFailure(code: number): string | undefined {
  return code === ENGINE_FAILED_CODE
    ? "the container engine failed"
    : undefined;
}

/** Ends the containers of this attempt; none is fine, and so is no engine. */
async function endOurs(
  host: ProcessHost,
  about: About,
  how: readonly string[],
): Promise<void> {
  const listed = await ask(host, about, [
    "ps",
    "--all",
    "--quiet",
    "--filter",
    `label=${LABEL}=${about.label}`,
  ]);
  const ids = listed.split("\n").map((line) => line.trim())
    .filter((line) => line !== "");
  if (ids.length > 0) await ask(host, about, [...how, ...ids]);
}

/** Asks the engine something that is not the task itself. */
async function ask(
  host: ProcessHost,
  { engine, context }: About,
  args: readonly string[],
): Promise<string> {
  // It is asked when the task was aborted, too.
  const abort = new AbortController();
  const stop = host.clock.timer(REMOVE_TIMEOUT_MS, () => abort.abort());
  try {
    const ended = await runToEnd(host, {
      spawn: {
        command: engine,
        args,
        env: engineEnv(host),
        cwd: context.workingDirectory,
      },
      stdin: undefined,
    }, { signal: abort.signal, emit: () => {} });
    return ended.code === 0 ? ended.stdout : "";
  } finally {
    stop();
  }
}

/** Leaves a process behind that removes the container when its time is over. */
function removeLater(host: ProcessHost, about: About): void {
  const { engine, input, name, context } = about;
  const seconds = String(Math.ceil(input.cleanupAfterMs / 1000));
  letGo(host, {
    spawn: {
      command: "/bin/sh",
      args: ["-c", REMOVE_LATER, "sh", seconds, engine, name],
      env: engineEnv(host),
      cwd: context.workingDirectory,
    },
  });
}

function engineEnv(host: ProcessHost): Record<string, string> {
  const env: Record<string, string> = { ...host.processes.baseEnv() };
  for (const name of ENGINE_VARIABLES) {
    const value = host.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}

function refuseSteering({ environment }: ContainerInput): void {
  const name = Object.keys(environment).find((it) => STEERING.test(it));
  if (name === undefined) return;
  throw invalidArgument(
    `Variable "${name}" steers the container engine itself: set it in the ` +
      'image, or in "command"',
  );
}

/** What begins as an option does would be one, and give the run its rights. */
function refuseImage({ image }: ContainerInput): void {
  if (/^[^-\s]/.test(image)) return;
  throw invalidArgument(
    `Cannot run container "${image}": that is not the name of an image, ` +
      "write one as alpine:3",
  );
}

/** A name as the specification recommends it. */
function nameOf(
  { workflow, namespace }: ContainerInput,
  of: { readonly label: string; readonly task: string },
): string {
  return `${workflow}-${of.label}.${namespace}-${of.task}`
    .replaceAll(/[^\w.-]/g, "-").replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, NAME_LENGTH_MAX);
}

/** A word of the attempt that is the same after a crash. */
function labelOf({ idempotencyKey }: ActivityContext): string {
  return sha256Hex(new TextEncoder().encode(idempotencyKey))
    .slice(0, LABEL_LENGTH);
}

function parseInput(json: Json): ContainerInput {
  const input = isJsonObject(json) ? json : {};
  const text = (key: string): string | undefined =>
    parseText(member(input, key));
  const after = member(input, "cleanupAfterMs");
  return {
    ...parseProcessInput(input),
    workflow: text("workflow") ?? "workflow",
    namespace: text("namespace") ?? "default",
    image: text("image") ?? "",
    name: text("name"),
    command: text("command"),
    ports: parseTexts(member(input, "ports")),
    volumes: parseTexts(member(input, "volumes")),
    pull: parsePull(member(input, "pullPolicy")),
    cleanup: parseCleanup(member(input, "cleanup")),
    cleanupAfterMs: typeof after === "number" ? after : 0,
  };
}

function parsePull(json: Json | undefined): ContainerInput["pull"] {
  return json === "always" || json === "never" ? json : "missing";
}

function parseCleanup(json: Json | undefined): ContainerInput["cleanup"] {
  return json === "always" || json === "eventually" ? json : "never";
}
