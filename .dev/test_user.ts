/**
 * Runs the tests of the command line as an ordinary user: `deno task
 * test:user`, once with a home folder of its own and once without HOME. Words
 * behind it are those of `deno test`: files, or `--filter`.
 *
 * Root is bound by no permission of files. Where it starts this, on Linux, a
 * user without any rights runs the tests, in a copy of the tree and of what
 * Deno has cached.
 *
 * @module
 */

import { ROOT, runDeno } from "./command.ts";

/** `nobody`, wherever there is one. */
const USER_ID = 65534;
const FOLDERS: readonly string[] = ["tests/cli"];
/** What no test reads, or is large. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", "dist", "node_modules"]);
const WINDOWS = Deno.build.os === "windows";

/** Where tests are run, and as whom. */
interface Seat {
  /** In words, as `user 65534`. */
  readonly who: string;
  /** What comes before the words of Deno's own command line. */
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly home: string | undefined;
}

/** The seat of whoever starts this. */
async function ownSeat(): Promise<Seat> {
  const { HOME: home, ...env } = Deno.env.toObject();
  return {
    who: `user ${Deno.uid() ?? "of this session"}`,
    command: [Deno.execPath()],
    cwd: ROOT,
    env: { ...env, DENO_DIR: (await denoDirectories()).denoDir },
    home,
  };
}

/** A seat of a user without rights, below a folder. */
async function otherSeat(folder: string): Promise<Seat> {
  const { npmCache } = await denoDirectories();
  const [tree, home, temporary, cache] = ["tree", "home", "t", "deno"]
    .map((it) => `${folder}/${it}`) as [string, string, string, string];
  await Deno.chmod(folder, 0o755);
  for (const it of [tree, home, temporary, cache]) await Deno.mkdir(it);
  for await (const { name } of Deno.readDir(ROOT)) {
    if (LEFT_OUT.has(name)) continue;
    await must("cp", "-r", `${ROOT}${name}`, `${tree}/${name}`);
  }
  await must("cp", "-r", npmCache, `${cache}/npm`);
  const owner = `${USER_ID}:${USER_ID}`;
  await must("chown", "-R", owner, tree, home, temporary, cache);
  return {
    who: `user ${USER_ID}`,
    command: [
      "setpriv",
      `--reuid=${USER_ID}`,
      `--regid=${USER_ID}`,
      "--clear-groups",
      "--",
      Deno.execPath(),
    ],
    cwd: tree,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      LANG: "C.UTF-8",
      TMPDIR: temporary,
      DENO_DIR: cache,
    },
    home,
  };
}

interface DenoDirectories {
  readonly denoDir: string;
  readonly npmCache: string;
}

async function denoDirectories(): Promise<DenoDirectories> {
  const { stdout } = await runDeno(["info", "--json"]);
  return JSON.parse(stdout);
}

async function must(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args })
    .output();
  if (!success) {
    throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
  }
}

async function runTests(
  seat: Seat,
  options: { readonly home: string | undefined },
): Promise<boolean> {
  const { command: [program, ...before], cwd, env } = seat;
  const words = Deno.args.some((it) => it.startsWith("tests/"))
    ? Deno.args
    : [...FOLDERS, ...Deno.args];
  const { success } = await new Deno.Command(program, {
    args: [...before, "test", "-A", "--no-check", "--parallel", ...words],
    cwd,
    clearEnv: true,
    env: {
      ...env,
      STIGMER_KEY_SOURCE: "key-file",
      NO_COLOR: "1",
      ...(options.home === undefined ? {} : { HOME: options.home }),
    },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  return success;
}

/** Runs the tests with HOME and without, and says how that went. */
async function runBoth(seat: Seat): Promise<boolean> {
  const rounds = [
    { name: "with a home folder", home: seat.home },
    ...(WINDOWS ? [] : [{ name: "without HOME", home: undefined }]),
  ];
  for (const { name, home } of rounds) {
    const startedAtMs = performance.now();
    console.log(`Tests of the command line as ${seat.who}, ${name}`);
    if (!await runTests(seat, { home })) return false;
    const seconds = Math.round((performance.now() - startedAtMs) / 1000);
    console.log(`Passed as ${seat.who}, ${name}, in ${seconds} s`);
  }
  if (WINDOWS) console.warn("SKIPPED without HOME: Windows knows none");
  return true;
}

/** Why root cannot be another user here; `undefined` when it can. */
async function hindrance(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "only Linux lets root be another";
  try {
    await must("setpriv", "--version");
    return undefined;
  } catch {
    return "setpriv (package util-linux) is not installed";
  }
}

async function main(): Promise<boolean> {
  if (Deno.uid() !== 0) return await runBoth(await ownSeat());
  const why = await hindrance();
  if (why !== undefined) {
    console.warn(`SKIPPED: root is no ordinary user, and ${why}`);
    return true;
  }
  // Short: the paths of sockets below it are bounded.
  const folder = await Deno.makeTempDir({ prefix: "user-" });
  try {
    return await runBoth(await otherSeat(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main() ? 0 : 1);
