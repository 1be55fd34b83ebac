/**
 * What tests of `install.sh` stand on: a release, a place, and the shells and
 * tools of this machine.
 *
 * @module
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import {
  find,
  type InstallOptions,
  type InstallScene,
  newInstallScene,
  OLD_PROGRAM,
} from "./installer.ts";
import {
  newRelease,
  newSigner,
  type ReleaseFiles,
  type ReleaseServer,
  serveReleases,
  type Signer,
} from "./releases.ts";

/** The release that the server has. */
export const RELEASED = "0.3.0";
/** Whether no sh is here. */
export const ignore: boolean = Deno.build.os === "windows";
const OS = Deno.build.os === "darwin" ? "macos" : "linux";
/** The archive of it for this machine. */
export const ASSET: string = `stigmer-${OS}-${
  Deno.build.arch === "aarch64" ? "arm64" : "x64"
}.tar.gz`;

/** Shells and tools that the script must get by with, where they are here. */
export const WAYS: readonly Required<
  Pick<InstallOptions, "shell" | "tools">
>[] = [
  { shell: "dash", tools: ["curl", "sha256sum", "openssl"] },
  { shell: "bash", tools: ["curl", "shasum", "perl"] },
  { shell: "bash", tools: ["wget", "openssl", "timeout"] },
  { shell: "dash", tools: ["wget", "sha256sum"] },
].filter(({ shell, tools }) =>
  [shell, ...tools].every((it) => find(it) !== undefined)
);

/** Whether the openssl of this machine knows Ed25519 as the script needs it. */
export const CAN_VERIFY: boolean = await canVerify();
/** Those of them that look at signatures, by which what is wrong is tried. */
export const STRICT_WAYS: typeof WAYS = CAN_VERIFY
  ? WAYS.filter(({ tools }) => tools.includes("openssl"))
  : WAYS.filter(({ tools }) => tools.includes("curl"));
async function canVerify(): Promise<boolean> {
  const path = find("openssl");
  if (path === undefined) return false;
  const { stdout, stderr } = await new Deno.Command(path, {
    args: ["pkeyutl", "-help"],
  }).output();
  const decoder = new TextDecoder();
  return `${decoder.decode(stdout)}${decoder.decode(stderr)}`
    .includes("-rawin");
}

/** A server with a release, and a place to install it. */
export interface Scene extends AsyncDisposable {
  readonly server: ReleaseServer;
  readonly signer: Signer;
  readonly files: ReleaseFiles;
  readonly place: InstallScene;
}

/** Makes one. */
export async function newScene(): Promise<Scene> {
  // A test that goes through them would try nothing, and pass.
  ok(STRICT_WAYS.length > 0, "Neither dash nor bash with curl or wget is here");
  const server = serveReleases();
  const signer = await newSigner();
  const files = await newRelease(signer, RELEASED);
  server.releases.set(RELEASED, files);
  const place = await newInstallScene(server, signer);
  return {
    server,
    signer,
    files,
    place,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** Holds that the old program stands there, and nothing else anywhere. */
export async function assertUntouched({ place }: Scene): Promise<void> {
  deepStrictEqual(await place.text(), OLD_PROGRAM);
  deepStrictEqual(await place.names(), ["stigmer"]);
  deepStrictEqual(await place.leftovers(), []);
}
