/**
 * Releases on a server of this machine: signed ones, and whatever else a
 * server may answer.
 *
 * @module
 */

import { sha256Hex } from "../../src/model/sha256.ts";
import type { ReleaseKey } from "../../src/release/keys.ts";
import { releaseFileText } from "../../src/release/release_file.ts";
import { tarGz, zip } from "./archives.ts";

/** A key to sign releases of tests with. */
export interface Signer {
  readonly key: ReleaseKey;
  /** The signature of some bytes in base64, with the end of a line. */
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
}

/** Makes a new key. */
export async function newSigner(name = "test"): Promise<Signer> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, [
    "sign",
    "verify",
  ]);
  if (!("privateKey" in pair)) throw new Error("No pair of keys");
  const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
  return {
    key: { name, publicKey: new Uint8Array(raw).toBase64() },
    async sign(bytes) {
      const signed = await crypto.subtle.sign(
        "Ed25519",
        pair.privateKey,
        bytes,
      );
      return `${new Uint8Array(signed).toBase64()}\n`;
    },
  };
}

/** The files of a release by name. */
export type ReleaseFiles = Map<string, Uint8Array<ArrayBuffer>>;

/** What differs between releases. */
export interface ReleaseOptions {
  /** What a program of it says it is; default its version. */
  readonly says?: string;
  /** A line of shell that the program runs first. */
  readonly first?: string;
  /** Files besides, or in the place of others, before it is signed. */
  readonly files?: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
  /** Files that are left out of it before it is signed. */
  readonly without?: readonly string[];
}

/** What the program of a test release is: a script that says its version. */
export function programText(version: string, first = ""): string {
  return `#!/bin/sh\n${first}\necho "${version}"\n`;
}

/** Makes a signed release with a file for each system. */
export async function newRelease(
  signer: Signer,
  version: string,
  options: ReleaseOptions = {},
): Promise<ReleaseFiles> {
  const files: ReleaseFiles = new Map();
  const text = programText(options.says ?? version, options.first);
  for (const variant of ["stigmer", "stigmer-ci"]) {
    const licence = { name: "LICENSE", content: "Apache-2.0\n" };
    const packed = await tarGz([{ name: variant, content: text }, licence]);
    for (
      const name of ["linux-x64", "linux-arm64", "macos-x64", "macos-arm64"]
    ) {
      files.set(`${variant}-${name}.tar.gz`, packed);
    }
    const zipped = zip([{ name: `${variant}.exe`, content: text }, licence]);
    for (const name of ["windows-x64", "windows-arm64"]) {
      files.set(`${variant}-${name}.zip`, zipped);
    }
  }
  files.set("release.json", utf8(releaseFileText(version)));
  for (const [name, bytes] of Object.entries(options.files ?? {})) {
    files.set(name, bytes);
  }
  for (const name of options.without ?? []) files.delete(name);
  await seal(signer, files);
  return files;
}

/** Writes the list of checksums of what is there, and signs it. */
export async function seal(
  signer: Signer,
  files: ReleaseFiles,
): Promise<void> {
  files.delete("SHA256SUMS");
  files.delete("SHA256SUMS.sig");
  const lines = [...files].map(([name, bytes]) =>
    `${sha256Hex(bytes)}  ${name}\n`
  );
  const sums = utf8(lines.sort().join(""));
  files.set("SHA256SUMS", sums);
  files.set("SHA256SUMS.sig", utf8(await signer.sign(sums)));
}

/** Text as bytes. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** A server of releases. */
export interface ReleaseServer extends AsyncDisposable {
  /** Address of its releases. */
  readonly url: string;
  /** Releases by version; the last one is the latest. */
  readonly releases: Map<string, ReleaseFiles>;
  /** The paths that were asked for, in order. */
  readonly asked: string[];
  /** What answers a path instead; by the end of the path. */
  readonly instead: Map<string, () => Response>;
}

/** Serves releases. */
export function serveReleases(): ReleaseServer {
  const releases = new Map<string, ReleaseFiles>();
  const asked: string[] = [];
  const instead = new Map<string, () => Response>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      for (const [end, answer] of instead) {
        if (pathname.endsWith(end)) return answer();
      }
      return answerOf(releases, pathname);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/releases`,
    releases,
    asked,
    instead,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function answerOf(
  releases: ReadonlyMap<string, ReleaseFiles>,
  pathname: string,
): Response {
  const path = pathname.replace(/^\/releases\//, "");
  const [, name] = /^latest\/download\/([^/]+)$/.exec(path) ?? [];
  if (name !== undefined) {
    const latest = [...releases.keys()].at(-1);
    // As the real one does: what is the latest is a redirect.
    return new Response(null, {
      status: 302,
      headers: { location: `/releases/download/v${latest}/${name}` },
    });
  }
  return found(releases, path);
}

function found(
  releases: ReadonlyMap<string, ReleaseFiles>,
  path: string,
): Response {
  const [, version = "", name = ""] = /^download\/v([^/]+)\/([^/]+)$/
    .exec(path) ?? [];
  const bytes = releases.get(version)?.get(name);
  if (bytes === undefined) return new Response("Not Found", { status: 404 });
  return new Response(bytes, {
    headers: { "content-type": "application/octet-stream" },
  });
}

/** A server whose every answer ends in the middle of what it promised. */
export interface CuttingServer extends AsyncDisposable {
  /** Leads there. */
  readonly redirect: () => Response;
}

/** Serves half of some bytes. */
export function serveHalf(bytes: Uint8Array<ArrayBuffer>): CuttingServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  const serving = (async () => {
    for await (const connection of listener) {
      await answerHalf(connection, half, bytes.length).catch(() => {});
    }
  })();
  const { port } = listener.addr;
  return {
    redirect: () =>
      new Response(null, {
        status: 302,
        headers: { location: `http://127.0.0.1:${port}/half` },
      }),
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

async function answerHalf(
  connection: Deno.TcpConn,
  half: Uint8Array<ArrayBuffer>,
  promised: number,
): Promise<void> {
  using open = connection;
  await open.read(new Uint8Array(16_384));
  const head = "HTTP/1.1 200 OK\r\nconnection: close\r\n" +
    `content-length: ${promised}\r\n\r\n`;
  const writer = open.writable.getWriter();
  await writer.write(utf8(head));
  await writer.write(half);
  await open.closeWrite();
}
