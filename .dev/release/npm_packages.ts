/**
 * Lays out the packages for npm: one with the executable for each machine,
 * and `@stigmer/cli`, which needs the one for this machine and starts it.
 *
 * `npx @stigmer/cli` and `npm install -g @stigmer/cli` then need no install
 * script, which many forbid, and download one executable and not six.
 *
 * @module
 */

import { ROOT } from "../command.ts";
import { executableName, type Target, TARGETS } from "../targets.ts";

/** The package that people install. */
export const NPM_NAME = "@stigmer/cli";

/** A package that was laid out. */
export interface NpmPackage {
  readonly name: string;
  readonly folder: string;
}

/** What packages are laid out from. */
export interface NpmSource {
  readonly version: string;
  /** Where the executable for a machine is. */
  readonly executableOf: (target: Target) => string;
  readonly notices: string;
  /** As `owner/name`: npm compares it with who publishes. */
  readonly repository: string;
}

/** What npm calls systems; architectures it calls as we do. */
const SYSTEMS: Readonly<Record<Target["os"], string>> = {
  linux: "linux",
  darwin: "darwin",
  windows: "win32",
};
const LAUNCHER = "stigmer.cjs";
const NODE_VERSIONS = ">=18";

/** Writes all packages, those that are needed first, and lists them so. */
export async function layNpmPackages(
  folder: string,
  source: NpmSource,
): Promise<readonly NpmPackage[]> {
  const packages: NpmPackage[] = [];
  for (const target of TARGETS) {
    packages.push(await layExecutable(folder, { source, target }));
  }
  return [...packages, await layLauncher(folder, source)];
}

/** The package with the executable for a machine. */
export function npmNameOf(target: Target): string {
  return `${NPM_NAME}-${target.name}`;
}

async function layExecutable(
  folder: string,
  { source, target }: {
    readonly source: NpmSource;
    readonly target: Target;
  },
): Promise<NpmPackage> {
  const name = npmNameOf(target);
  const own = `${folder}/${target.name}`;
  const executable = `bin/${executableName("stigmer", target)}`;
  await Deno.mkdir(`${own}/bin`, { recursive: true });
  await Deno.copyFile(source.executableOf(target), `${own}/${executable}`);
  // Windows knows no modes, and npm packs what it finds.
  if (Deno.build.os !== "windows") {
    await Deno.chmod(`${own}/${executable}`, 0o755);
  }
  await Deno.writeTextFile(`${own}/NOTICES.txt`, source.notices);
  await layCommon(own, `The executable of Stigmer for ${target.name}.`);
  await writeJson(`${own}/package.json`, {
    ...commonFields(name, source),
    description: `The executable of Stigmer for ${target.name}`,
    os: [SYSTEMS[target.os]],
    cpu: [target.arch],
    ...(target.os === "linux" ? { libc: ["glibc"] } : {}),
    files: ["bin/", "NOTICES.txt"],
    preferUnplugged: true,
  });
  return { name, folder: own };
}

async function layLauncher(
  folder: string,
  source: NpmSource,
): Promise<NpmPackage> {
  const own = `${folder}/cli`;
  await Deno.mkdir(`${own}/bin`, { recursive: true });
  await Deno.copyFile(
    `${ROOT}.dev/release/npm/${LAUNCHER}`,
    `${own}/bin/${LAUNCHER}`,
  );
  await layCommon(own, "Run it: `npx @stigmer/cli --help`.");
  await writeJson(`${own}/package.json`, {
    ...commonFields(NPM_NAME, source),
    description: "Agents and workflows in one executable",
    bin: { stigmer: `bin/${LAUNCHER}` },
    files: ["bin/"],
    engines: { node: NODE_VERSIONS },
    optionalDependencies: Object.fromEntries(
      TARGETS.map((it) => [npmNameOf(it), source.version]),
    ),
  });
  return { name: NPM_NAME, folder: own };
}

async function layCommon(folder: string, words: string): Promise<void> {
  await Deno.copyFile(`${ROOT}LICENSE`, `${folder}/LICENSE`);
  await Deno.writeTextFile(`${folder}/README.md`, `# Stigmer\n\n${words}\n`);
}

function commonFields(
  name: string,
  { version, repository }: NpmSource,
): Readonly<Record<string, unknown>> {
  return {
    name,
    version,
    license: "Apache-2.0",
    repository: {
      type: "git",
      url: `git+https://github.com/${repository}.git`,
    },
    publishConfig: { access: "public" },
  };
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
