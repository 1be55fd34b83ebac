/**
 * The arguments of `deno task compile`.
 *
 * @module
 */

import {
  CI_HOSTS,
  executableName,
  type Target,
  TARGETS,
  type Variant,
  VARIANTS,
} from "./targets.ts";
import { didYouMean, pathFrom, readFlags, UsageError } from "./task.ts";

/** One executable to be built. */
export interface Build {
  readonly variant: Variant;
  readonly target: Target;
  /** Hosts that `stigmer-ci` may call; those of the providers when absent. */
  readonly net?: readonly string[];
  readonly output: string;
  /** Path of another base than Deno's own runtime. */
  readonly base?: string;
}

/** What `--help` prints. */
export const HELP: string = `Build executables

Usage: deno task compile [options]

Options:
  --target <name>      Build for another machine; may be given again
  --all                Build for every machine
  --variant <name>     ${VARIANTS.join(" or ")}; may be given again
  --allow-net <hosts>  Hosts that stigmer-ci may call, with commas between
                       (default: ${CI_HOSTS.join(",")})
  --output <path>      Where to write the one executable
  --help               Print this

Machines: ${TARGETS.map((it) => it.name).join(", ")},
or as Deno names them: ${TARGETS.map((it) => it.triple).join(", ")}

Without a machine it builds for this one, into dist/. The time of the files is
that of the last commit, or SOURCE_DATE_EPOCH.

Examples:
  deno task compile
  deno task compile --all --variant stigmer --variant stigmer-ci
  deno task compile --variant stigmer-ci --allow-net models.example.com:443`;

const FLAGS = {
  target: { type: "string", multiple: true },
  all: { type: "boolean" },
  variant: { type: "string", multiple: true },
  "allow-net": { type: "string" },
  output: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** A name or an address, a port if one is meant. */
const HOST_REGEXP = /^(?:\[[0-9a-f:.]+\]|\*?[\w.-]+)(?::\d{1,5})?$/i;

/**
 * Reads what is to be built.
 *
 * @throws {UsageError} Whatever is wrong with them.
 */
export function compileArgs(args: readonly string[]): readonly Build[] {
  const { values, positionals } = parse(args);
  const [positional] = positionals;
  if (positional !== undefined) {
    throw new UsageError(
      `Cannot build "${positional}": a machine is given with --target`,
    );
  }
  return buildsOf(values);
}

const parse = (args: readonly string[]) => readFlags(args, FLAGS, "build");

type Flags = ReturnType<typeof parse>["values"];

function buildsOf(flags: Flags): readonly Build[] {
  const variants = (flags.variant ?? ["stigmer"]).map(variantOf);
  const named = flags.target?.map(targetOf);
  if (named !== undefined && flags.all === true) {
    throw new UsageError("Cannot build: --all and --target exclude each other");
  }
  const targets = flags.all === true ? TARGETS : named ?? [thisTarget()];
  const net = hostsOf(flags["allow-net"], variants);
  if (flags.output !== undefined && targets.length * variants.length > 1) {
    throw new UsageError("Cannot write several executables to one --output");
  }
  const isNamed = targets === named || flags.all === true;
  return variants.flatMap((variant) =>
    targets.map((target) => ({
      variant,
      target,
      output: flags.output === undefined
        ? outputOf(variant, target, isNamed)
        : withEnding(pathFrom(flags.output), target),
      ...(net === undefined ? {} : { net }),
    }))
  );
}

/** Deno adds it where there is none. */
function withEnding(path: string, { os }: Target): string {
  return os === "windows" && !/\.\w+$/.test(path) ? `${path}.exe` : path;
}

function variantOf(name: string): Variant {
  const found = VARIANTS.find((it) => it === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `Cannot build the variant "${name}"${didYouMean(name, VARIANTS)}; ` +
      `there are ${VARIANTS.join(" and ")}`,
  );
}

function targetOf(name: string): Target {
  const found = TARGETS.find((it) => it.name === name || it.triple === name);
  if (found !== undefined) return found;
  const names = TARGETS.map((it) => it.name);
  const known = [...names, ...TARGETS.map((it) => it.triple)];
  throw new UsageError(
    `Cannot build for "${name}"${didYouMean(name, known)}; ` +
      `there are ${names.join(", ")}`,
  );
}

function hostsOf(
  text: string | undefined,
  variants: readonly Variant[],
): readonly string[] | undefined {
  if (text === undefined) return undefined;
  if (!variants.includes("stigmer-ci")) {
    throw new UsageError(
      'Cannot narrow --allow-net of "stigmer", add --variant stigmer-ci',
    );
  }
  const hosts = text.split(",").map((it) => it.trim()).filter((it) =>
    it !== ""
  );
  const wrong = hosts.find((it) => !HOST_REGEXP.test(it));
  if (wrong === undefined) return hosts;
  throw new UsageError(
    `Cannot allow calls to "${wrong}": a host is a name and a port if one is ` +
      "meant, as api.example.com:443",
  );
}

/** The machine that builds. */
export function thisTarget(): Target {
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  const found = TARGETS.find((it) =>
    it.os === Deno.build.os && it.arch === arch
  );
  if (found !== undefined) return found;
  throw new UsageError(
    `Cannot build for this machine (${Deno.build.target}), name one with ` +
      "--target",
  );
}

/** A folder for each, where several have the same name. */
function outputOf(variant: Variant, target: Target, isNamed: boolean): string {
  const name = executableName(variant, target);
  return isNamed ? `dist/${variant}-${target.name}/${name}` : `dist/${name}`;
}
