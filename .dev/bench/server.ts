/**
 * What a call of a server costs, against a handler of `Deno.serve` that does
 * nothing but read JSON and write the same answer as JSON.
 *
 * Both are processes of their own on TCP, called by the same client; the server
 * has its defaults: a token is checked, and each call is logged.
 *
 * @module
 */

import {
  create,
  type DescMessage,
  type MessageShape,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import {
  GetAgentRequestSchema,
  GetAgentResponseSchema,
  ListAgentsRequestSchema,
  ListAgentsResponseSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { type BackendClient, openBackend } from "../../src/backend/open.ts";
import { systemHost } from "../../src/host/system.ts";
import { startListening } from "./listening.ts";
import { median, PROGRAM, withHome } from "./measure.ts";
import type { Row } from "./row.ts";

const AGENTS = 60;
const PAGE = 50;
/** Each is let call 1000 times a second. */
const TOKENS = 16;
const CALLERS = 16;
const ROUNDS = 5;
const WARM_CALLS = 1500;
const LONE_CALLS = 600;
const TOGETHER_CALLS = 3200;
const RATIO_MAX = 3.5;
const PATH = "/stigmer.backend.v1.BackendService";

/** A request, and who answers it. */
interface Asked {
  readonly url: string;
  readonly body: Uint8Array<ArrayBuffer> | string;
  readonly type: string;
}

/** One call in both ways: as the server takes it, and as plain JSON. */
interface Case {
  readonly name: string;
  readonly server: Asked;
  readonly plain: Asked;
}

/** What calls took. */
interface Figures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
}

/** Measures calls of a server. */
export function benchServer(): Promise<readonly Row[]> {
  if (Deno.build.os === "windows") return Promise.resolve([]);
  return withHome(async (home) => {
    const { tokens, answers } = await fill(home);
    await using server = await startListening(
      [...PROGRAM, "server", "--listen", "127.0.0.1:0"],
      { home },
    );
    await Deno.writeTextFile(
      `${home}/answers.json`,
      JSON.stringify({
        GetAgent: JSON.parse(answers.agent.answer),
        ListAgents: JSON.parse(answers.list.answer),
      }),
    );
    const program = new URL("./plain_server.ts", import.meta.url).pathname;
    await using plain = await startListening(
      ["run", "-A", program, `${home}/answers.json`],
      { home },
    );
    const cases = casesOf({ server: server.url, plain: plain.url }, answers);
    const rows: Row[] = [];
    for (const it of cases) rows.push(...await measure(it, tokens));
    return rows;
  });
}

async function measure(
  { name, server, plain }: Case,
  tokens: readonly string[],
): Promise<readonly Row[]> {
  for (const asked of [server, plain]) {
    await call(asked, { tokens, calls: WARM_CALLS, callers: 2 });
  }
  const rows: Row[] = [];
  for (const callers of [1, CALLERS]) {
    const calls = callers === 1 ? LONE_CALLS : TOGETHER_CALLS;
    const ours: Figures[] = [];
    const floors: Figures[] = [];
    // Interleaved, so that a slow moment of the machine hits both alike.
    for (let round = 0; round < ROUNDS; round++) {
      floors.push(await call(plain, { tokens, calls, callers }));
      ours.push(await call(server, { tokens, calls, callers }));
    }
    const who = callers === 1 ? "1 caller" : `${callers} callers`;
    rows.push(...rowsOf(`server: ${name}, ${who}`, ours, floors));
  }
  return rows;
}

function rowsOf(
  name: string,
  ours: readonly Figures[],
  floors: readonly Figures[],
): readonly Row[] {
  const middle = (all: readonly Figures[], key: keyof Figures): number =>
    median(all.map((it) => it[key]));
  const timed = (["p50Ms", "p99Ms"] as const).map((key): Row => {
    const [ms, floorMs] = [middle(ours, key), middle(floors, key)];
    return row(`${name}: ${key.slice(0, 3)}`, {
      value: `${ms.toFixed(3)} ms, plain ${floorMs.toFixed(3)} ms`,
      ratio: ms / floorMs,
    });
  });
  const [rate, floor] = [
    middle(ours, "perSecond"),
    middle(floors, "perSecond"),
  ];
  return [
    ...timed,
    row(`${name}: calls/s`, {
      value: `${rate.toFixed(0)}, plain ${floor.toFixed(0)}`,
      ratio: floor / rate,
    }),
  ];
}

function row(
  name: string,
  { value, ratio }: { readonly value: string; readonly ratio: number },
): Row {
  return {
    name,
    value,
    ratio,
    target: `≤ ${RATIO_MAX} × Deno.serve with JSON`,
    ok: ratio <= RATIO_MAX,
  };
}

/** Makes calls, so many at once, and times each. */
async function call(
  { url, body, type }: Asked,
  { tokens, calls, callers }: {
    readonly tokens: readonly string[];
    readonly calls: number;
    readonly callers: number;
  },
): Promise<Figures> {
  const all = tokens.map((token) => ({
    authorization: `Bearer ${token}`,
    "content-type": type,
  }));
  const elapsed: number[] = [];
  let begun = 0;
  async function caller(): Promise<void> {
    while (begun < calls) {
      const headers = all[begun++ % all.length] ?? {};
      const startedAtMs = performance.now();
      const response = await fetch(url, { method: "POST", headers, body });
      await response.bytes();
      elapsed.push(performance.now() - startedAtMs);
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    }
  }
  const startedAtMs = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  const tookMs = performance.now() - startedAtMs;
  const sorted = elapsed.toSorted((a, b) => a - b);
  const at = (part: number): number =>
    sorted[Math.floor(sorted.length * part)] ?? 0;
  return {
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    perSecond: calls / tookMs * 1000,
  };
}

/** The answers as messages, with what was asked. */
interface Answers {
  readonly agent: Exchange;
  readonly list: Exchange;
}

/** A request in both formats, and its answer as JSON. */
interface Exchange {
  readonly binary: Uint8Array<ArrayBuffer>;
  readonly json: string;
  readonly answer: string;
}

async function fill(home: string): Promise<
  { readonly tokens: readonly string[]; readonly answers: Answers }
> {
  const host = systemHost();
  await using backend = await openBackend({ host, home, execute: "none" });
  const { client } = backend;
  await client.applyResources({
    resources: Array.from({ length: AGENTS }, (_, i) => ({
      resource: {
        case: "agent",
        value: {
          metadata: { name: `agent-${i}`, labels: { team: "bench" } },
          spec: {
            instructions: `Review the change number ${i} line by line.`,
            description: "Reviews changes before a person does.",
          },
        },
      },
    })),
  });
  const tokens: string[] = [];
  for (let i = 0; i < TOKENS; i++) {
    const { text } = await client.createToken({
      name: `bench-${i}`,
      role: "admin",
    });
    tokens.push(text);
  }
  return { tokens, answers: await askedOf(client) };
}

async function askedOf(client: BackendClient): Promise<Answers> {
  const asked = create(GetAgentRequestSchema, { name: "agent-7" });
  const page = create(ListAgentsRequestSchema, { page: { size: PAGE } });
  const [agent, list] = [
    await client.getAgent(asked),
    await client.listAgents(page),
  ];
  return {
    agent: {
      binary: new Uint8Array(toBinary(GetAgentRequestSchema, asked)),
      json: textOf(GetAgentRequestSchema, asked),
      answer: textOf(GetAgentResponseSchema, agent),
    },
    list: {
      binary: new Uint8Array(toBinary(ListAgentsRequestSchema, page)),
      json: textOf(ListAgentsRequestSchema, page),
      answer: textOf(ListAgentsResponseSchema, list),
    },
  };
}

function casesOf(
  urls: { readonly server: string; readonly plain: string },
  { agent, list }: Answers,
): readonly Case[] {
  const kinds = [
    ["get an agent", "GetAgent", agent],
    [`list of ${PAGE}`, "ListAgents", list],
  ] as const;
  return kinds.flatMap(([name, method, { binary, json }]) => {
    const asJson = { body: json, type: "application/json" };
    const plain = { ...asJson, url: `${urls.plain}/${method}` };
    const url = `${urls.server}${PATH}/${method}`;
    return [
      {
        name,
        server: { url, body: binary, type: "application/proto" },
        plain,
      },
      { name: `${name} as JSON`, server: { ...asJson, url }, plain },
    ];
  });
}

function textOf<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
): string {
  return JSON.stringify(toJson(schema, message));
}
