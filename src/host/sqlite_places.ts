/**
 * Where systems keep the library of SQLite.
 *
 * @module
 */

import type { Host } from "./host.ts";

/** Where Linux keeps libraries, by the names of its architectures. */
const LINUX_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  x86_64: ["/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"],
  aarch64: ["/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"],
};

/** Lists the paths at which this system may have it, the likeliest first. */
export function sqlitePlaces(
  { env, platform }: Pick<Host, "env" | "platform">,
): readonly string[] {
  switch (platform.os) {
    case "darwin":
      return ["/usr/lib/libsqlite3.dylib"];
    case "windows": {
      const folder = systemFolder(env.get("SystemRoot"));
      return [`${folder}\\sqlite3.dll`, `${folder}\\winsqlite3.dll`];
    }
    case "linux":
      return (LINUX_FOLDERS[platform.arch] ?? ["/usr/lib"])
        .map((it) => `${it}/libsqlite3.so.0`);
  }
}

/** The name by which the system itself looks for it, at places of its own. */
export function sqliteName({ platform }: Pick<Host, "platform">): string {
  return platform.os === "windows" ? "sqlite3.dll" : "libsqlite3.so.0";
}

/** The folder of the libraries of Windows. */
export function systemFolder(root = "C:\\Windows"): string {
  return `${root}\\System32`;
}
