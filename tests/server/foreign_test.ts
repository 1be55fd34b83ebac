import assert from "node:assert/strict";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { openBackend } from "../../src/backend/open.ts";
import { openLocalBackend } from "../../src/backend/local.ts";
import { systemHost } from "../../src/host/system.ts";
import { startServer } from "../../src/server/serve.ts";
import { ROOT } from "../../.dev/command.ts";
import { temporaryHome } from "../backend/suite.ts";
import { bufPath } from "../servers/buf.ts";
import {
  bufCaller,
  type Caller,
  grpcJsCaller,
  ownCaller,
} from "./foreign_callers.ts";
import { ROWS } from "./foreign_rows.ts";
import { comparable, tell, type Told } from "./foreign_story.ts";

const LOOPBACK = { kind: "tcp", hostname: "127.0.0.1", port: 0 } as const;

/** A server on a home of its own, for as long as it is used. */
async function served<T>(
  use: (at: { readonly http: string; readonly grpc: string }) => Promise<T>,
): Promise<T> {
  await using home = temporaryHome();
  const host = systemHost();
  await using backend = openLocalBackend({
    host,
    databasePath: `${home.path}/stigmer.db`,
    execute: "none",
  });
  await using server = startServer({
    host,
    backend,
    address: LOOPBACK,
    open: true,
  });
  const grpc = await server.listenGrpc({ address: LOOPBACK, open: true });
  return await use({ http: server.http.address, grpc: grpc.address });
}

let telling: Promise<readonly Told[]> | undefined;

/** What the client of this program is told in process, on a home of its own. */
function ownStory(): Promise<readonly Told[]> {
  return telling ??= (async () => {
    await using home = temporaryHome();
    await using backend = await openBackend({
      home: home.path,
      execute: "none",
    });
    return await tell(ownCaller(backend.client));
  })();
}

/** Checks that a foreign client is told the same as ours, call by call. */
async function agrees(call: Caller): Promise<void> {
  const [own, foreign] = await Promise.all([ownStory(), tell(call)]);
  for (const [index, { row, outcome }] of foreign.entries()) {
    const expected = own[index]?.outcome;
    assert.ok(expected !== undefined);
    assert.deepEqual(comparable(outcome), comparable(expected), row.method);
  }
}

let building: Promise<Uint8Array> | undefined;

/** The contract as buf reads it fastest. */
function image(): Promise<Uint8Array> {
  return building ??= (async () => {
    const { stdout } = await new Deno.Command(await bufPath(), {
      args: ["build", "--exclude-source-info", "-o", "-"],
      cwd: `${ROOT}proto`,
    }).output();
    return stdout;
  })();
}

async function withSchema<T>(use: (path: string) => Promise<T>): Promise<T> {
  await using folder = temporaryHome();
  const path = `${folder.path}/image.binpb`;
  await Deno.writeFile(path, await image());
  return await use(path);
}

Deno.test("the story of foreign clients has every call of the contract", () => {
  const told = new Set<string>(ROWS.map(({ method }) => method));
  const missing = BackendService.methods.map(({ localName }) => localName)
    .filter((it) => !told.has(it));
  assert.deepEqual(missing, []);
});

Deno.test("each call of the story is answered, or fails as it says", async () => {
  for (const { row, outcome } of await ownStory()) {
    const came = outcome.kind === "failed"
      ? `${outcome.code}: ${outcome.message}`
      : "answered";
    assert.match(came, RegExp(`^${row.fails ?? "answered"}`), row.method);
  }
});

/** On which listener each is called, as people would. */
const BUF_PROTOCOLS = [
  { protocol: "connect", port: "http" },
  { protocol: "grpcweb", port: "http" },
  { protocol: "grpc", port: "grpc" },
] as const;

Deno.test("buf curl is told by each protocol what this program is told", async () => {
  await withSchema((schema) =>
    // At once: each of their calls is a process that is mostly its own start.
    Promise.all(BUF_PROTOCOLS.map(({ protocol, port }) =>
      served(async (at) => {
        const baseUrl = `http://${at[port]}`;
        await agrees(bufCaller({ protocol, baseUrl, schema }));
      })
    ))
  );
});

Deno.test("grpc-js is told what this program is told", async () => {
  await served(async ({ grpc }) => {
    const { call, close } = grpcJsCaller(grpc);
    try {
      await agrees(call);
    } finally {
      close();
    }
  });
});
