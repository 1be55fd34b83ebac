/**
 * Whether a database is sound: its disk, its content and its master key.
 *
 * @module
 */

import type { VaultStatus } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { sizeText } from "../model/size_text.ts";
import { findDamage, findLooseReferences } from "../store/integrity.ts";
import { folderOf } from "./beside.ts";
import type { ServiceDeps } from "./deps.ts";
import {
  broken,
  type FindingInit,
  fine,
  noted,
  type Shown,
} from "./finding.ts";

const MIB = 1024 * 1024;
/** Room on the disk below which it is a problem, and below which it is said. */
const FREE_BYTES_MIN: number = 64 * MIB;
const FREE_BYTES_FEW: number = 1024 * MIB;
/** A log that grows past this is held by someone who reads for long. */
const LOG_BYTES_MANY: number = 256 * MIB;
const OTHERS = 0o077;

/** Looks at the disk that the database is on. */
export async function diskFindings(
  { host, store }: ServiceDeps,
  { places }: Shown,
): Promise<readonly FindingInit[]> {
  const free = await host.files.freeBytes(folderOf(store.path));
  const log = host.files.stat(`${store.path}-wal`)?.sizeBytes ?? 0;
  const mode = host.files.stat(store.path)?.mode ?? 0;
  const isOpen = host.platform.os !== "windows" && (mode & OTHERS) !== 0;
  const what = places ? `"${store.path}"` : "the database";
  return [
    roomFinding(free),
    log < LOG_BYTES_MANY
      ? fine({ group: "disk", name: "log" }, `takes ${sizeText(log)}`)
      : noted({ group: "disk", name: "log" }, {
        detail: `takes ${sizeText(log)}`,
        fix: "Something reads for very long: restart what uses the database",
      }),
    isOpen
      ? broken({ group: "disk", name: "permissions" }, {
        detail: `${what} can be read by others`,
        fix: places
          ? `Close it with: chmod 600 "${store.path}"`
          : "Ask who keeps the server to close it",
      })
      : fine(
        { group: "disk", name: "permissions" },
        "the database is its owner's alone",
      ),
  ];
}

function roomFinding(free: number | undefined): FindingInit {
  const looked = { group: "disk", name: "room" } as const;
  if (free === undefined) {
    return noted(looked, {
      detail: "the system does not say how much is left",
    });
  }
  const of = {
    detail: `${sizeText(free)} are left on the disk`,
    fix: "Make room on it, as with: stigmer gc",
  };
  if (free < FREE_BYTES_MIN) return broken(looked, of);
  return free < FREE_BYTES_FEW ? noted(looked, of) : fine(looked, of.detail);
}

/** Looks at the database itself, page by page for those who keep it. */
export async function contentFindings(
  { host, store }: ServiceDeps,
  of: Shown & { readonly signal: AbortSignal },
): Promise<readonly FindingInit[]> {
  const group = "database";
  const opened = fine(
    { group, name: "database" },
    of.places
      ? `"${store.path}" opens, ${engineOf(store)}`
      : `opens, ${store.engine}`,
  );
  const schema = fine(
    { group, name: "schema" },
    `version ${store.schemaVersion}`,
  );
  // It reads all there is: not for everyone who may look.
  if (!of.places) return [opened, schema];
  const { clock } = host;
  const damage = await findDamage(store.database, {
    clock,
    signal: of.signal,
  });
  return [
    opened,
    schema,
    soundFinding("integrity", damage, "every page of the database is sound"),
    soundFinding(
      "references",
      findLooseReferences(store.database),
      "every row finds what it refers to",
    ),
  ];
}

/** Name, version and place of what stores it. */
function engineOf({ engine, driver }: ServiceDeps["store"]): string {
  return driver.library === undefined
    ? `${engine} of the runtime (driver ${driver.name})`
    : `${engine} from "${driver.library}" (driver ${driver.name})`;
}

function soundFinding(
  name: string,
  damage: readonly string[],
  words: string,
): FindingInit {
  const [first, ...more] = damage;
  const looked = { group: "database", name } as const;
  if (first === undefined) return fine(looked, words);
  return broken(looked, {
    detail: `the database is damaged: ${first}` +
      (more.length === 0 ? "" : ` and ${more.length} more`),
    fix: "Put a backup in its place: stigmer restore FILE --force",
  });
}

/** Says whether secrets can be opened. */
export function keyFinding(
  status: VaultStatus,
  { places }: Shown,
): FindingInit {
  const looked = { group: "key", name: "secrets" } as const;
  const { keyId, problem, hints, source, location } = status;
  if (problem !== "") {
    const detail = places ? problem : "the master key is not to be had";
    const fix = keyId === ""
      ? "Mend that, or choose another place with: stigmer init --key-source"
      : hints[0] ?? "See: stigmer secrets status";
    return broken(looked, {
      detail,
      fix: places ? fix : "Ask who keeps the server",
    });
  }
  const place = places
    ? ` is in ${source}${location === "" ? "" : `: ${quoted(location)}`}`
    : " can be had";
  return fine(
    looked,
    keyId === ""
      ? `no master key yet${
        places ? `, the first will be${place.slice(3)}` : ""
      }`
      : `${places ? `master key ${keyId}` : "the master key"}${place}`,
  );
}

/** Paths stand in quotes. */
function quoted(location: string): string {
  return /[\\/]/.test(location) ? `"${location}"` : location;
}
