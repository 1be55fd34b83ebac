/**
 * Checks what the executables would carry, without downloading the runtime
 * that they are built on: compiles each onto a stand-in and reads it back.
 *
 * @module
 */

import { compileAndCheck } from "./compile.ts";
import type { Build } from "./compile_args.ts";
import { type Stage, stage } from "./stage.ts";
import { standIn } from "./stand_in.ts";
import { executableName, TARGETS, VARIANTS } from "./targets.ts";

/** A build takes one processor for most of its time. */
const BUILDS_AT_ONCE = 2;
/** One of each format is built again, from a stage with another name. */
const AGAIN = [
  "stigmer-linux-x64",
  "stigmer-macos-arm64",
  "stigmer-windows-x64",
];

/** Builds all of them and says what is wrong with the results. */
export async function checkCompile(): Promise<readonly string[]> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-compile-" });
  try {
    await Deno.mkdir(`${folder}/a`);
    await Deno.mkdir(`${folder}/another place, é`);
    const [first, second] = await Promise.all([
      stage(`${folder}/a`),
      stage(`${folder}/another place, é`),
    ]);
    const builds = VARIANTS.flatMap((variant) =>
      TARGETS.map((target) => buildOf(folder, { variant, target }))
    );
    const wrong = await inTurns(builds, async (build) => {
      const found = await check(first, build);
      return found.length === 0 && AGAIN.includes(nameOf(build))
        ? await compareWithSecond(second, build)
        : found;
    });
    return wrong.flat();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

type Named = Pick<Build, "variant" | "target">;

function nameOf({ variant, target }: Named): string {
  return `${variant}-${target.name}`;
}

function buildOf(folder: string, { variant, target }: Named): Build {
  const name = nameOf({ variant, target });
  return {
    variant,
    target,
    output: `${folder}/${name}/${executableName(variant, target)}`,
    base: `${folder}/${name}/base`,
  };
}

async function check(staged: Stage, build: Build): Promise<readonly string[]> {
  await layBase(build);
  const wrong = await compileAndCheck(staged, build);
  return wrong.map((it) => `${nameOf(build)}: ${it}`);
}

/** Builds once more and compares the bytes. */
async function compareWithSecond(
  staged: Stage,
  build: Build,
): Promise<readonly string[]> {
  const again = {
    ...build,
    output: build.output.replace(/([^/]+)$/, "again-$1"),
  };
  const wrong = await check(staged, again);
  if (wrong.length > 0) return wrong;
  const [one, other] = await Promise.all(
    [build, again].map((it) => digestOf(it.output)),
  );
  return one === other ? [] : [
    `${nameOf(build)}: a second build differs`,
  ];
}

async function layBase({ target, base, output }: Build): Promise<void> {
  await Deno.mkdir(output.slice(0, output.lastIndexOf("/")), {
    recursive: true,
  });
  if (base !== undefined) await Deno.writeFile(base, standIn(target));
}

async function digestOf(path: string): Promise<string> {
  const bytes = await Deno.readFile(path);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Does some work for each, a few at a time; results are in order. */
async function inTurns<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  const left = items.entries();
  const workers = Array.from({ length: BUILDS_AT_ONCE }, async () => {
    for (const [i, item] of left) results[i] = await work(item);
  });
  await Promise.all(workers);
  return results;
}
