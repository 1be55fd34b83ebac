/**
 * The bill of materials of a release, in CycloneDX 1.6: each package with the
 * digest that the lock file pins and its licence, what needs what, and the
 * runtime. The same sources give the same bytes.
 *
 * @module
 */

import type { Base } from "./bases.ts";
import { type Component, idOf } from "./components.ts";
import { sha256 } from "./sums.ts";

/** Name of the file within a release. */
export const SBOM_FILE = "stigmer.cdx.json";

/** What the bill is written for. */
export interface Release {
  readonly version: string;
  /** The time of the sources. */
  readonly timeMs: number;
  /** The version of the runtime, as `2.9.6`. */
  readonly denoVersion: string;
  /** The runtimes that it was built on, as far as they are known. */
  readonly bases?: readonly Base[];
}

/** Writes the bill as JSON. */
export async function sbom(
  release: Release,
  components: readonly Component[],
): Promise<string> {
  const bill = billOf(release, components);
  // A number that is equal for equal bills, in the form of a random one.
  const digest = await sha256(
    new TextEncoder().encode(JSON.stringify(bill)),
  );
  const [, a, b, c, d, e] = /^(.{8})(.{4}).(.{3}).(.{3})(.{12})/.exec(digest) ??
    [];
  const serialNumber = `urn:uuid:${a}-${b}-4${c}-8${d}-${e}`;
  const { bomFormat, specVersion, ...rest } = bill;
  const whole = { bomFormat, specVersion, serialNumber, ...rest };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

interface Bill {
  readonly bomFormat: "CycloneDX";
  readonly specVersion: "1.6";
  readonly version: 1;
  readonly metadata: unknown;
  readonly components: readonly unknown[];
  readonly dependencies: readonly unknown[];
}

function billOf(release: Release, components: readonly Component[]): Bill {
  const { version, timeMs, denoVersion, bases = [] } = release;
  const program = purlOf("@stigmer/cli", version);
  const runtime = `pkg:github/denoland/deno@v${denoVersion}`;
  const known = new Map(
    components.map(({ locked }) => [
      idOf(locked),
      purlOf(locked.name, locked.version),
    ]),
  );
  const needed = new Set(components.flatMap(({ locked }) => locked.needs));
  const direct = [...known].filter(([id]) => !needed.has(id));
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: new Date(timeMs).toISOString(),
      component: {
        type: "application",
        "bom-ref": program,
        name: "stigmer",
        version,
        licenses: licensesOf("Apache-2.0"),
        purl: program,
      },
    },
    components: [
      ...components.map(componentOf),
      {
        type: "platform",
        "bom-ref": runtime,
        name: "deno",
        version: denoVersion,
        licenses: licensesOf("MIT"),
        purl: runtime,
        ...(bases.length === 0 ? {} : {
          externalReferences: bases.map(({ url, digest }) => ({
            type: "distribution",
            url,
            hashes: [{ alg: "SHA-256", content: digest }],
          })),
        }),
      },
    ],
    dependencies: [
      {
        ref: program,
        dependsOn: [...direct.map(([, purl]) => purl), runtime],
      },
      ...components.map(({ locked }) => ({
        ref: purlOf(locked.name, locked.version),
        dependsOn: locked.needs.flatMap((it) => known.get(it) ?? []),
      })),
      { ref: runtime, dependsOn: [] },
    ],
  };
}

function componentOf({ locked, license }: Component): unknown {
  const { name, version } = locked;
  const purl = purlOf(name, version);
  const [, group, rest] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  return {
    type: "library",
    "bom-ref": purl,
    ...(group === undefined ? {} : { group }),
    name: rest ?? name,
    version,
    hashes: [{ alg: "SHA-512", content: digestOf(locked) }],
    ...(license === "" ? {} : { licenses: licensesOf(license) }),
    purl,
  };
}

/** The address of a package of npm, as `pkg:npm/%40scope/name@1.0.0`. */
export function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${encodeURIComponent(version)}`;
}

/** The digest that the lock file pins, in hexadecimal. */
function digestOf({ name, integrity }: Component["locked"]): string {
  const [, base64 = ""] = /^sha512-(\S+)$/.exec(integrity) ?? [];
  const bytes = Uint8Array.fromBase64(base64);
  if (bytes.length === 64) return bytes.toHex();
  throw new Error(`The lock file pins no SHA-512 of "${name}"`);
}

function licensesOf(license: string): readonly unknown[] {
  return /^[A-Za-z0-9.+-]+$/.test(license)
    ? [{ license: { id: license } }]
    : [{ expression: license }];
}
