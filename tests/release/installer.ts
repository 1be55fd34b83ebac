/**
 * Runs `install.sh` with the shell and the tools of a test and nothing else.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { Ran } from "../cli/program.ts";
import { programText, type ReleaseServer, type Signer } from "./releases.ts";

/** Where the script stands. */
export const INSTALL_SH: string = fileURLToPath(
  new URL("../../.github/release/install.sh", import.meta.url),
);

/** What the script needs besides what downloads and what adds up. */
const TOOLS = [
  "awk",
  "cat",
  "chmod",
  "find",
  "getconf",
  "grep",
  "gzip",
  "ldd",
  "mkdir",
  "mktemp",
  "mv",
  "rm",
  "sed",
  "sh",
  "sleep",
  "tar",
  "tr",
  "uname",
] as const;
/** Who has no rights, where tests run as root. */
const NOBODY = 65_534;

/** What was there before. */
export const OLD_PROGRAM: string = programText("0.1.0");

/** How the script is run. */
export interface InstallOptions {
  /** Path of a shell; default `sh`. */
  readonly shell?: string;
  /** The tools that it finds besides the usual ones; default curl and so on. */
  readonly tools?: readonly string[];
  /** Tools of the test's own by name: scripts of sh. */
  readonly fakes?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it runs without the rights of root. */
  readonly asNobody?: boolean;
  /** Bytes of the script that came; default all. */
  readonly lengthBytes?: number;
}

/** A folder to install into. */
export interface InstallScene extends AsyncDisposable {
  readonly folder: string;
  /** Where the program goes. */
  readonly bin: string;
  /** Where temporary files go. */
  readonly temporary: string;
  /** Runs the script. */
  run(words?: readonly string[], options?: InstallOptions): Promise<Ran>;
  /** Starts it in a group of processes of its own. */
  start(): Promise<Deno.ChildProcess>;
  /** Puts an older program in the place. */
  installOld(): Promise<void>;
  /** What the program is, or `undefined`. */
  text(name?: string): Promise<string | undefined>;
  /** The names where the program goes. */
  names(): Promise<readonly string[]>;
  /** Names that were left among temporary files. */
  leftovers(): Promise<readonly string[]>;
}

/** Finds a program on PATH. */
export function find(name: string): string | undefined {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = `${folder}/${name}`;
    try {
      if (Deno.statSync(path).isFile) return path;
    } catch {
      // It is not in this one.
    }
  }
  return undefined;
}

/** Makes a folder to install into. */
export async function newInstallScene(
  server: ReleaseServer,
  signer: Signer | undefined,
): Promise<InstallScene> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer install ü-" });
  // Nobody has to get there.
  await Deno.chmod(folder, 0o755);
  const bin = `${folder}/bin`;
  const temporary = `${folder}/tmp`;
  await Deno.mkdir(temporary);
  await Deno.chmod(temporary, 0o777);
  const text = await scriptText(signer);
  let runs = 0;

  async function command(
    words: readonly string[],
    options: InstallOptions,
  ): Promise<Deno.Command> {
    const { shell = "sh", tools = ["curl", "sha256sum", "openssl"] } = options;
    const path = `${folder}/tools-${runs++}`;
    await linkTools(path, [...TOOLS, ...tools]);
    for (const [name, body] of Object.entries(options.fakes ?? {})) {
      await Deno.remove(`${path}/${name}`).catch(() => {});
      const script = `#!/bin/sh\n${body}\n`;
      await Deno.writeTextFile(`${path}/${name}`, script, { mode: 0o755 });
    }
    const script = `${path}.sh`;
    await Deno.writeFile(
      script,
      new TextEncoder().encode(text).subarray(0, options.lengthBytes),
    );
    const isRoot = Deno.uid() === 0;
    return new Deno.Command(find(shell) ?? shell, {
      args: [script, ...words],
      clearEnv: true,
      env: {
        PATH: path,
        HOME: `${folder}/home`,
        TMPDIR: temporary,
        STIGMER_INSTALL_DIR: bin,
        STIGMER_RELEASES_URL: server.url,
        ...options.env,
      },
      cwd: folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...(options.asNobody && isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
      detached: true,
    });
  }
  return {
    folder,
    bin,
    temporary,
    async run(words = [], options = {}) {
      const output = await (await command(words, options)).output();
      const decoder = new TextDecoder();
      return {
        code: output.code,
        stdout: decoder.decode(output.stdout),
        stderr: decoder.decode(output.stderr),
      };
    },
    start: async () => (await command([], {})).spawn(),
    async installOld() {
      await Deno.mkdir(bin);
      await Deno.writeTextFile(`${bin}/stigmer`, OLD_PROGRAM, { mode: 0o755 });
    },
    async text(name = "stigmer") {
      try {
        return await Deno.readTextFile(`${bin}/${name}`);
      } catch {
        return undefined;
      }
    },
    names: () => namesIn(bin),
    leftovers: () => namesIn(temporary),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** A function of the script as it stands there, to be tried alone. */
export async function shellFunction(name: string): Promise<string> {
  const text = await Deno.readTextFile(INSTALL_SH);
  const [body] =
    new RegExp(`^${name}\\(\\) \\{\\n[^]*?^\\}$`, "m").exec(text) ??
      [];
  if (body === undefined) throw new Error(`No ${name} in install.sh`);
  return body;
}

/** The script as a release would carry it, with a key. */
async function scriptText(signer: Signer | undefined): Promise<string> {
  const text = await Deno.readTextFile(INSTALL_SH);
  const keyed = text.replace(
    /^RELEASE_KEYS=".*"$/m,
    `RELEASE_KEYS="${signer?.key.publicKey ?? ""}"`,
  );
  if (signer !== undefined && keyed === text) throw new Error("No such line");
  return keyed;
}

async function linkTools(
  folder: string,
  names: readonly string[],
): Promise<void> {
  await Deno.mkdir(folder);
  for (const name of names) {
    const path = find(name);
    if (path !== undefined) await Deno.symlink(path, `${folder}/${name}`);
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch {
    return ["(no folder)"];
  }
  return names.sort();
}
