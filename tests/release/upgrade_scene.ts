/**
 * A program that is installed in a folder, and a server of releases to upgrade
 * it from.
 *
 * @module
 */

import { systemHost } from "../../src/host/system.ts";
import type { Host, Platform } from "../../src/host/host.ts";
import { upgrade, type Upgraded } from "../../src/release/upgrade.ts";
import type { UpgradeOptions } from "../../src/release/upgrade.ts";
import {
  newRelease,
  newSigner,
  programText,
  type ReleaseServer,
  serveReleases,
  type Signer,
} from "./releases.ts";

/** The version that is installed. */
export const INSTALLED = "0.2.0";
/** The one that is released. */
export const RELEASED = "0.3.0";

/** A program and its releases. */
export interface UpgradeScene extends AsyncDisposable {
  readonly folder: string;
  /** Path of the installed program. */
  readonly path: string;
  readonly signer: Signer;
  readonly server: ReleaseServer;
  /** Upgrades it. */
  upgrade(options?: Partial<UpgradeOptions>): Promise<Upgraded>;
  /** What the program is now. */
  text(): Promise<string>;
  /** Whether it is what it was, and nothing lies beside it. */
  isUntouched(): Promise<boolean>;
  /** The names in its folder. */
  names(): Promise<readonly string[]>;
}

/** The machine, with a program of its own that runs. */
export function installedHost(
  path: string,
  platform: Partial<Platform> = {},
): Host {
  const host = systemHost();
  return {
    ...host,
    platform: {
      ...host.platform,
      executable: path,
      standalone: true,
      ...platform,
    },
  };
}

/** Installs a program, and releases another one. */
export async function newScene(
  name = "stigmer",
): Promise<UpgradeScene> {
  const folder = await Deno.realPath(
    await Deno.makeTempDir({ prefix: "stigmer-upgrade-" }),
  );
  const path = `${folder}/${name}`;
  const old = programText(INSTALLED);
  await Deno.writeTextFile(path, old, { mode: 0o755 });
  const signer = await newSigner();
  const server = serveReleases();
  server.releases.set(RELEASED, await newRelease(signer, RELEASED));
  const names = async (): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const entry of Deno.readDir(folder)) found.push(entry.name);
    return found.sort();
  };
  const text = (): Promise<string> => Deno.readTextFile(path);
  return {
    folder,
    path,
    signer,
    server,
    text,
    names,
    upgrade: (options = {}) =>
      upgrade({
        host: installedHost(path),
        signal: new AbortController().signal,
        base: server.url,
        keys: [signer.key],
        current: INSTALLED,
        allowDowngrade: false,
        dryRun: false,
        onStep: () => {},
        ...options,
      }),
    async isUntouched() {
      return await text() === old && (await names()).join() === name;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
