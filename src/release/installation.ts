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
  source: "Bring the sources up to date, as with: git pull",
  gone: "Start it again, then try again",
};

const REASONS: Readonly<Record<Exclude<Installation["kind"], "own">, string>> =
  {
    confined:
      "this variant may start no program, so it could not try the new one",
    homebrew: "Homebrew installed it",
    npm: "npm installed it",
    npx: "npx keeps it",
    source: "it runs from source",
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
  if (installation.kind === "own") return installation.path;
  throw notOurs(installation);
}

function notOurs(
  installation: Exclude<Installation, { kind: "own" }>,
): StigmerError {
  const { kind, path } = installation;
  return failedPrecondition(
    `Cannot replace "${path}": ${REASONS[kind]}`,
    { hints: [WAYS[kind]] },
  );
}
