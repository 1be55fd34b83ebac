/**
 * Homes whose master key a test gives, local and behind a server, and what
 * tests of exports do with them again and again.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type CommitImportRequestSchema,
  type CommitImportResponse,
  type ExportHeader,
  type ExportRecordsRequestSchema,
  type ExportSummary,
  ImportResult_Outcome as Outcome,
  type PortableRecord,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import { openCloudBackend } from "../../src/backend/cloud.ts";
import { openLocalBackend } from "../../src/backend/local.ts";
import type { Backend, BackendClient } from "../../src/backend/open.ts";
import { sumOf } from "../../src/backend/portable.ts";
import type { Host } from "../../src/host/host.ts";
import { systemHost } from "../../src/host/system.ts";
import { startServer } from "../../src/server/serve.ts";

/** How a home is reached. */
export const WAYS = ["local", "server"] as const;
/** One of them. */
export type Way = typeof WAYS[number];

/** A master key as the variable holds it. */
export function masterKey(byte: number): string {
  return new Uint8Array(32).fill(byte).toBase64();
}

/** Opens a new home with a master key; it is gone when it is closed. */
export async function openKeyed(
  key: string,
  way: Way = "local",
): Promise<Backend> {
  const home = await Deno.makeTempDir({ prefix: "stigmer-transfer-" });
  const host = keyedHost(key);
  const local = openLocalBackend({
    host,
    databasePath: `${home}/stigmer.db`,
    execute: "none",
  });
  if (way === "local") {
    return closing(local, async () => {
      await local.close();
      await Deno.remove(home, { recursive: true });
    });
  }
  const path = `${home}/api.sock`;
  const address = { kind: "unix", path } as const;
  const server = startServer({ host, backend: local, address });
  const cloud = openCloudBackend({ host, endpoint: `unix:${path}` });
  return closing(cloud, async () => {
    await cloud.close();
    await server[Symbol.asyncDispose]();
    await local.close();
    await Deno.remove(home, { recursive: true });
  });
}

/** A machine whose only secret is this key. */
function keyedHost(key: string): Host {
  const host = systemHost();
  return {
    ...host,
    env: {
      get: (name) =>
        name === "STIGMER_MASTER_KEY"
          ? key
          : name.startsWith("STIGMER_")
          ? undefined
          : host.env.get(name),
    },
  };
}

function closing(backend: Backend, work: () => Promise<void>): Backend {
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => closed ??= work();
  return { ...backend, close, [Symbol.asyncDispose]: close };
}

/** An export as it came. */
export interface Exported {
  readonly records: readonly PortableRecord[];
  readonly header: ExportHeader;
  readonly summary: ExportSummary;
}

/** Reads a whole export, and holds that its sums are right. */
export async function exportFrom(
  client: BackendClient,
  request: MessageInitShape<typeof ExportRecordsRequestSchema> = {},
): Promise<Exported> {
  const records: PortableRecord[] = [];
  let header: ExportHeader | undefined;
  let summary: ExportSummary | undefined;
  for await (const part of client.exportRecords(request)) {
    header ??= part.header;
    summary = part.summary;
    records.push(...part.records);
  }
  assert.ok(header && summary);
  assert.equal(
    summary.checksum,
    await sumOf(records.map((it) => it.checksum)),
  );
  return { records, header, summary };
}

let imports = 0;

/** Imports records as a caller of the contract does. */
export async function importInto(
  client: BackendClient,
  records: readonly PortableRecord[],
  options: MessageInitShape<typeof CommitImportRequestSchema> = {},
): Promise<CommitImportResponse> {
  const importId = `test-${++imports}`;
  for (let offset = 0; offset < records.length; offset += 500) {
    const part = records.slice(offset, offset + 500);
    await client.stageRecords({ importId, offset, records: part });
  }
  return await client.commitImport({
    importId,
    recordCount: records.length,
    checksum: await sumOf(records.map((it) => it.checksum)),
    ...options,
  });
}

/** The documents of records by kind and name. */
export function documentsOf(
  records: readonly PortableRecord[],
): readonly string[] {
  return records.map((it) => it.document);
}

/** A secret that no export and no database may have as it is. */
export const SECRET = "plain-and-to-be-found-nowhere";

/** Makes an environment with the secret. */
export async function secretIn({ client }: Backend): Promise<void> {
  await client.createEnvironment({
    environment: {
      metadata: { name: "prod" },
      spec: { variables: { ZONE: "a" }, secrets: { KEY: SECRET } },
    },
  });
}

/** What became of each record of an import. */
export function wordsOf(
  results: Awaited<ReturnType<BackendClient["commitImport"]>>["results"],
): readonly string[] {
  return results.map(({ kind, name, outcome }) =>
    `${kind}/${name} ${Outcome[outcome]}`
  );
}
