/**
 * What a release is made of besides its own sources: the packages that it
 * loads, those that `gen/runtime/` was bundled from, and the runtime.
 *
 * @module
 */

import { ROOT } from "../command.ts";
import {
  importedPackages,
  type LockedPackage,
  lockedPackages,
  neededBy,
} from "../locked.ts";
import { findPackages, type FoundPackage } from "../npm_cache.ts";

/** A package that is part of the program. */
export interface Component {
  readonly locked: LockedPackage;
  /** As its package.json says, an SPDX expression in most; "" for none. */
  readonly license: string;
  /** The texts of its licence and notices. */
  readonly notices: readonly string[];
}

/** Build tools among what `.dev/tools.json` names: nothing of them is kept. */
const TOOLS = ["@bufbuild/buf", "@bufbuild/protoc-gen-es", "rolldown"];
const NOTICE_REGEXP = /^(?:LICEN[CS]E|NOTICE|COPYING)(?:[.-].*)?$/i;

/** Lists the packages by name and version. */
export async function components(): Promise<readonly Component[]> {
  const found = [
    ...await packagesOf("deno.json", "deno.lock"),
    ...await packagesOf(".dev/tools.json", ".dev/tools.lock"),
  ];
  const byId = new Map(found.map((it) => [idOf(it.locked), it]));
  const ids = [...byId.keys()].sort();
  return await Promise.all(ids.flatMap((id) => {
    const one = byId.get(id);
    return one === undefined ? [] : [componentOf(one)];
  }));
}

/** Name and version, as `yaml@2.9.1`. */
export function idOf({ name, version }: LockedPackage): string {
  return `${name}@${version}`;
}

async function packagesOf(
  config: string,
  lock: string,
): Promise<readonly FoundPackage[]> {
  const json: unknown = JSON.parse(await Deno.readTextFile(ROOT + config));
  const roots = importedPackages(json)
    .filter((it) => !TOOLS.some((tool) => it.startsWith(`${tool}@`)));
  const wanted = neededBy(roots, await lockedPackages(ROOT + lock));
  return await findPackages(wanted, ROOT + config);
}

async function componentOf(
  { locked, folder }: FoundPackage,
): Promise<Component> {
  const json: unknown = JSON.parse(
    await Deno.readTextFile(`${folder}/package.json`),
  );
  const { license } = Object(json);
  const notices: string[] = [];
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && NOTICE_REGEXP.test(name)) names.push(name);
  }
  for (const name of names.sort()) {
    notices.push((await Deno.readTextFile(`${folder}/${name}`)).trim());
  }
  return {
    locked,
    license: typeof license === "string" ? license : "",
    notices,
  };
}
