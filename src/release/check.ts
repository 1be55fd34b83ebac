/**
 * Looks whether a newer release is there, and changes nothing.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { failedPrecondition } from "../model/error.ts";
import {
  findRelease,
  refuseWithoutKeys,
  type ReleaseSource,
} from "./find_release.ts";
import { findInstallation, refuseSource, wayOf } from "./installation.ts";
import { compareVersions } from "./release_version.ts";

/** What there is. */
export interface Checked {
  readonly current: string;
  readonly latest: string;
  readonly isNewer: boolean;
  /** How this program is brought up to date, as it was installed. */
  readonly way: string;
}

/**
 * Asks for the latest release.
 *
 * @throws {StigmerError} When it is not to be had or not to be believed, and
 * where this program may reach no place of releases.
 */
export async function checkRelease(
  source: ReleaseSource & { readonly host: Host; readonly current: string },
): Promise<Checked> {
  const { host, current } = source;
  const installation = await findInstallation(host);
  refuseSource(installation);
  refuseWithoutKeys(source.keys);
  const way = wayOf(installation);
  if (installation.kind === "confined") {
    throw failedPrecondition(
      "Cannot look for a newer release: this variant may call no host that has releases",
      { hints: [way] },
    );
  }
  const { version: latest } = await findRelease(source);
  return {
    current,
    latest,
    isNewer: compareVersions(latest, current) > 0,
    way,
  };
}
