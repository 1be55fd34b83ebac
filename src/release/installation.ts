/**
 * How the running program came onto this machine, which decides who may put
 * another one in its place.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { failedPrecondition, type StigmerError } from "../model/error.ts";
import { INSTALLING_PAGE } from "./address.ts";

/** How the running program was installed. */
export type Installation =
  /** A file of its own, which may be replaced. */
  | { readonly kind: "own"; readonly path: string }
  /** A file that may start no program, so that none can be tried. */
  | { readonly kind: "confined"; readonly path: string }
  | { readonly kind: "homebrew"; readonly path: string }
  | { readonly kind: "npm"; readonly path: string }
  | { readonly kind: "npx"; readonly path: string }
  /** No executable: Deno runs its sources. */
  | { readonly kind: "source"; readonly path: string }
  /** The file that was started is not there any more. */
  | { readonly kind: "gone"; readonly path: string };

/** Says how to bring an installation up to date without `stigmer upgrade`. */
const WAYS: Readonly<Record<Installation["kind"], string>> = {
  own: "Run: stigmer upgrade",
  confined:
    `Run the install script again, for the variant stigmer-ci: ${INSTALLING_PAGE}`,
  homebrew: "Run: brew upgrade stigmer",
  npm: "Run: npm i -g @stigmer/cli@latest",
  npx: "Run: npx @stigmer/cli@latest",
  source: "Of a clone, bring the sources up to date: git pull",
  gone: "Start it again, then try again",
};

/** Sources may be a clone or those of JSR, which is not ours to tell. */
const SOURCE_HINTS: readonly string[] = [
  WAYS.source,
  "Of JSR, load them anew: deno run --reload -A jsr:@stigmer/cli",
  `Or install the executable: npm i -g @stigmer/cli, or as in ${INSTALLING_PAGE}`,
];

const REASONS: Readonly<
  Record<Exclude<Installation["kind"], "own" | "source">, string>
> = {
  confined:
    "this variant may start no program, so it could not try the new one",
  homebrew: "Homebrew installed it",
  npm: "npm installed it",
  npx: "npx keeps it",
  gone: "it was moved or replaced since it was started",
};

/** Finds out how the running program was installed. */
export async function findInstallation(
  host: Pick<Host, "platform" | "files" | "permissions">,
): Promise<Installation> {
  const { platform, files } = host;
  const started = platform.executable;
  if (!platform.standalone) return { kind: "source", path: started };
  if (files.stat(started) === undefined) return { kind: "gone", path: started };
  const path = await files.realPath(started);
  return { kind: kindOf(host, path), path };
}

function kindOf(
  { permissions }: Pick<Host, "permissions">,
  path: string,
): Installation["kind"] {
  const parts = path.split(/[\\/]/);
  if (parts.includes("_npx")) return "npx";
  if (parts.includes("node_modules")) return "npm";
  if (parts.includes("Cellar") || parts.includes("Caskroom")) return "homebrew";
  return permissions.query("run") !== "none" ? "own" : "confined";
}

/** Says how an installation is brought up to date. */
export function wayOf({ kind }: Installation): string {
  return WAYS[kind];
}

/**
 * Gives the file that may be replaced.
 *
 * @throws {StigmerError} FAILED_PRECONDITION with the way out, when it is not
 * for `stigmer upgrade` to replace.
 */
export function ownPath(installation: Installation): string {
  refuseSource(installation);
  if (installation.kind === "own") return installation.path;
  throw notOurs(installation);
}

/**
 * Refuses sources: no release takes their place, whatever there is.
 *
 * @throws {StigmerError} FAILED_PRECONDITION with the ways to update them.
 */
export function refuseSource(
  installation: Installation,
): asserts installation is Exclude<Installation, { kind: "source" }> {
  if (installation.kind !== "source") return;
  throw failedPrecondition(
    "Cannot upgrade: Stigmer is run from source here, and not from a release",
    { hints: SOURCE_HINTS },
  );
}

function notOurs(
  installation: Exclude<Installation, { kind: "own" | "source" }>,
): StigmerError {
  const { kind, path } = installation;
  return failedPrecondition(
    `Cannot replace "${path}": ${REASONS[kind]}`,
    { hints: [WAYS[kind]] },
  );
}
