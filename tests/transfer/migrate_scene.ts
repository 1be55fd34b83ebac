/**
 * Two backends with what is moved between them, and what stands on the way.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fromJson } from "@bufbuild/protobuf";
import type { ExportRecordsRequest } from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import { WorkflowSpecSchema } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { type BackendClient, openBackend } from "../../src/backend/open.ts";
import type { Json } from "../../src/model/json.ts";
import { createPlace, type Place, type Ran } from "../cli/program.ts";
import { startStigmer, type StigmerServer } from "../servers/stigmer_server.ts";

/** Moves resources. */
export const MOVE: readonly string[] = [
  "migrate",
  "--from",
  "local",
  "--to",
  "prod",
  "--yes",
];
/** Moves history as well. */
export const MOVE_ALL: readonly string[] = [...MOVE, "--with-history"];

/** A place with a local backend, and a server that it knows as `prod`. */
export interface MigrateScene extends AsyncDisposable {
  readonly place: Place;
  readonly server: StigmerServer;
  /** Runs the program, which may use the server. */
  run(words: readonly string[]): Promise<Ran>;
  /** Starts the program, and leaves it running. */
  start(words: readonly string[]): ReturnType<Place["start"]>;
  /** Does something with the local backend. */
  local<T>(work: (client: BackendClient) => Promise<T>): Promise<T>;
}

/** Makes a place and a server. */
export async function createScene(
  options: {
    /** What stands before the server: gives the address to use. */
    readonly before?: (endpoint: string) => string;
  } = {},
): Promise<MigrateScene> {
  const place = await createPlace();
  const server = await startStigmer({ transport: "plain" });
  const token = await server.token("mover", { role: "admin" });
  const endpoint = options.before?.(server.endpoint) ?? server.endpoint;
  await place.write(
    "home/config.yaml",
    `contexts:\n  prod:\n    endpoint: ${endpoint}\n`,
  );
  const start = (words: readonly string[]): ReturnType<Place["start"]> =>
    place.start(words, { env: { STIGMER_TOKEN: token } });
  return {
    place,
    server,
    start,
    run: (words) => start(words).ended,
    async local(work) {
      await using backend = await openBackend({
        home: place.home,
        execute: "none",
      });
      return await work(backend.client);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** Applies a workflow that a schedule starts. */
export async function applyPulse(
  client: BackendClient,
  every: string,
): Promise<void> {
  const spec: Json = {
    document: {
      dsl: "1.0.3",
      namespace: "test",
      name: "pulse",
      version: "1.0.0",
    },
    schedule: { every },
    do: [{ one: { set: { a: 1 } } }],
  };
  const value = {
    metadata: { name: "pulse" },
    spec: fromJson(WorkflowSpecSchema, JSON.parse(JSON.stringify(spec))),
  };
  const answer = await client.applyResources({
    resources: [{ resource: { case: "workflow", value } }],
  });
  assert.ok(answer.applied);
}

/** All records of a backend, a line each. */
export async function recordsOf(
  client: BackendClient,
  request: Partial<Pick<ExportRecordsRequest, "withHistory">> = {
    withHistory: true,
  },
): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const part of client.exportRecords(request)) {
    lines.push(
      ...part.records.map((it) => `${it.kind} ${it.name} ${it.document}`),
    );
  }
  return lines;
}

/** A proxy before a server, which can do something about each call. */
export interface CallProxy extends AsyncDisposable {
  readonly endpoint: string;
  /** Where calls go. */
  target: string;
  /** Is asked at each call, by its name; gives the answer, or passes it on. */
  onCall: (
    name: string,
    pass: () => Promise<Response>,
  ) => Promise<Response>;
}

/** Starts a proxy that passes all calls on. */
export function startCallProxy(): CallProxy {
  const served = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const name = pathname.slice(pathname.lastIndexOf("/") + 1);
      const body = await request.arrayBuffer();
      const { method, headers } = request;
      const pass = (): Promise<Response> =>
        fetch(proxy.target + pathname, {
          method,
          headers,
          ...(method === "POST" ? { body } : {}),
        });
      try {
        return await proxy.onCall(name, pass);
      } catch {
        return new Response("the server is gone", { status: 503 });
      }
    },
  );
  const proxy: CallProxy = {
    endpoint: `http://127.0.0.1:${served.addr.port}`,
    target: "",
    onCall: (_name, pass) => pass(),
    [Symbol.asyncDispose]: () => served.shutdown(),
  };
  return proxy;
}

/** A scene whose server is reached through a proxy. */
export interface ProxiedScene extends MigrateScene {
  readonly proxy: CallProxy;
}

/** Makes a place, and a server behind a proxy. */
export async function createProxiedScene(): Promise<ProxiedScene> {
  const proxy = startCallProxy();
  const scene = await createScene({
    before(endpoint) {
      proxy.target = endpoint;
      return proxy.endpoint;
    },
  });
  return {
    ...scene,
    proxy,
    async [Symbol.asyncDispose]() {
      await scene[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** Checks that a run of the program went well. */
export function wentWell({ code, stderr }: Ran): void {
  assert.equal(code, 0, stderr);
}

/** The kinds of what a JSON report counts, with what became of them. */
export function countsOf({ stdout }: Ran, key: string): number {
  const report: { kinds: Record<string, number>[] } = JSON.parse(stdout);
  return report.kinds.reduce((sum, it) => sum + (it[key] ?? 0), 0);
}

/** The names in a folder; none where there is no folder. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map((it) => it.name);
  } catch {
    return [];
  }
}
