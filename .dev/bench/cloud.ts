/**
 * What the cloud twin costs besides reads over TCP: an execution that is
 * created, an agent over a unix socket and inside the process, a crowd of
 * watchers, and many resources that come and go.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { create, toBinary, toJson } from "@bufbuild/protobuf";
import {
  CreateExecutionRequestSchema,
  CreateExecutionResponseSchema,
  GetAgentRequestSchema,
  GetAgentResponseSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { openBackend } from "../../src/backend/open.ts";
import { systemHost } from "../../src/host/system.ts";
import { flowOf } from "../../tests/backend/flow.ts";
import { type Asked, type Calls, compare, partOf } from "./calling.ts";
import { benchCrowd } from "./cloud_crowd.ts";
import { benchTransfer } from "./cloud_transfer.ts";
import { startListening } from "./listening.ts";
import { PROGRAM, withHome } from "./measure.ts";
import type { Row } from "./row.ts";

/** Each is let call 1000 times a second. */
const TOKENS = 16;
const RATIO_MAX = 3.5;
const PATH = "/stigmer.backend.v1.BackendService";
/** Each of these waits for the disk. */
const CREATES: Calls = { warm: 200, lone: 60, together: 320 };
/** Those that are held against what nothing durable is in. */
const BARE_CREATES: Calls = { warm: 100, lone: 30, together: 160 };
const READS: Calls = { warm: 1000, lone: 300, together: 1200 };
const OWN_READS = 5000;

/** Measures the cloud twin. */
export async function benchCloud(): Promise<readonly Row[]> {
  if (Deno.build.os === "windows") return [];
  return [
    ...await withHome(benchCalls),
    await withHome(benchCrowd),
    ...await withHome(benchTransfer),
  ];
}

async function benchCalls(home: string): Promise<readonly Row[]> {
  const { tokens, answers, row } = await fill(home);
  await Deno.writeTextFile(`${home}/answers.json`, JSON.stringify(answers));
  const sockets = { server: `${home}/s.sock`, plain: `${home}/plain.sock` };
  // Nothing runs, so that what is measured is the creation.
  const place = [
    "--listen",
    "127.0.0.1:0",
    "--listen",
    `unix:${sockets.server}`,
  ];
  await using server = await startListening(
    [...PROGRAM, "server", "--workers", "0", ...place],
    { home },
  );
  const program = fileURLToPath(new URL("./plain_server.ts", import.meta.url));
  await using plain = await startListening([
    "run",
    "-A",
    program,
    `${home}/answers.json`,
    `${home}/plain.db`,
    sockets.plain,
  ], { home });
  const creation = {
    name: "cloud: create an execution",
    server: {
      url: `${server.url}${PATH}/CreateExecution`,
      body: CREATE_BINARY,
      type: "application/proto",
    },
  };
  const asked = { body: CREATE_JSON, type: "application/json" };
  // A commit that waits for the disk is in each creation: that one is the floor.
  const committing = await compare({
    ...creation,
    plain: { ...asked, url: `${plain.url}/commit/CreateExecution` },
  }, {
    tokens,
    calls: CREATES,
    floor: {
      name: "Deno.serve that commits a row",
      word: "plain commit",
      ratioMax: RATIO_MAX,
    },
  });
  const bare = await compare({
    ...creation,
    name: `${creation.name} against no commit`,
    plain: { ...asked, url: `${plain.url}/CreateExecution` },
  }, {
    tokens,
    calls: BARE_CREATES,
    floor: { name: "Deno.serve with JSON", word: "no commit" },
  });
  return [...committing, ...bare, ...await overSockets(sockets, tokens), row];
}

/** Reads an agent over unix sockets. */
async function overSockets(
  paths: { readonly server: string; readonly plain: string },
  tokens: readonly string[],
): Promise<readonly Row[]> {
  using server = clientOf(paths.server);
  using plain = clientOf(paths.plain);
  const ours: Asked = {
    url: `http://localhost${PATH}/GetAgent`,
    body: GET_BINARY,
    type: "application/proto",
    client: server,
  };
  const floor: Asked = {
    url: "http://localhost/GetAgent",
    body: GET_JSON,
    type: "application/json",
    client: plain,
  };
  return await compare({
    name: "cloud: get an agent, unix socket",
    server: ours,
    plain: floor,
  }, {
    tokens,
    calls: READS,
    floor: { name: "Deno.serve with JSON", ratioMax: RATIO_MAX },
  });
}

function clientOf(path: string): Deno.HttpClient {
  return Deno.createHttpClient({ proxy: { transport: "unix", path } });
}

const GET = create(GetAgentRequestSchema, { name: "agent" });
const GET_BINARY = new Uint8Array(toBinary(GetAgentRequestSchema, GET));
const GET_JSON = JSON.stringify(toJson(GetAgentRequestSchema, GET));
const CREATE = create(CreateExecutionRequestSchema, {
  kind: "Workflow",
  name: "flow",
});
const CREATE_BINARY = new Uint8Array(
  toBinary(CreateExecutionRequestSchema, CREATE),
);
const CREATE_JSON = JSON.stringify(
  toJson(CreateExecutionRequestSchema, CREATE),
);

/** Fills a home, and measures what needs no server there. */
async function fill(home: string): Promise<{
  readonly tokens: readonly string[];
  /** Of the plain handler, by their calls. */
  readonly answers: Readonly<Record<string, unknown>>;
  readonly row: Row;
}> {
  await using backend = await openBackend({
    host: systemHost(),
    home,
    execute: "none",
  });
  const { client } = backend;
  await client.createAgent({
    agent: {
      metadata: { name: "agent", labels: { team: "bench" } },
      spec: {
        instructions: "Review the change line by line.",
        description: "Reviews changes before a person does.",
      },
    },
  });
  await client.createWorkflow({ workflow: flowOf() });
  const tokens: string[] = [];
  for (let i = 0; i < TOKENS; i++) {
    const name = `bench-${i}`;
    tokens.push((await client.createToken({ name, role: "admin" })).text);
  }
  const answers = {
    GetAgent: toJson(GetAgentResponseSchema, await client.getAgent(GET)),
    CreateExecution: toJson(
      CreateExecutionResponseSchema,
      await client.createExecution(CREATE),
    ),
  };
  const elapsed: number[] = [];
  for (let i = 0; i < OWN_READS; i++) {
    const startedAtMs = performance.now();
    await client.getAgent(GET);
    elapsed.push(performance.now() - startedAtMs);
  }
  const [p50, p99] = [partOf(elapsed, 0.5), partOf(elapsed, 0.99)];
  return {
    tokens,
    answers,
    row: {
      name: "cloud: get an agent, in process: p50 and p99",
      value: `${p50.toFixed(3)} ms, ${p99.toFixed(3)} ms`,
      target: "none",
      ok: true,
    },
  };
}
