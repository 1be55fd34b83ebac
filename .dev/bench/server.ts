/**
 * What a call of a server costs, against a handler of `Deno.serve` that does
 * nothing but read JSON and write the same answer as JSON.
 *
 * Both are processes of their own on TCP, called by the same client; the server
 * has its defaults: a token is checked, and each call is logged.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
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
import { type Case, compare } from "./calling.ts";
import { startListening } from "./listening.ts";
import { PROGRAM, withHome } from "./measure.ts";
import type { Row } from "./row.ts";

const AGENTS = 60;
const PAGE = 50;
/** Each is let call 1000 times a second. */
const TOKENS = 16;
const FLOOR = { name: "Deno.serve with JSON", ratioMax: 3.5 };
const PATH = "/stigmer.backend.v1.BackendService";

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
    const program = fileURLToPath(
      new URL("./plain_server.ts", import.meta.url),
    );
    await using plain = await startListening(
      ["run", "-A", program, `${home}/answers.json`],
      { home },
    );
    const cases = casesOf({ server: server.url, plain: plain.url }, answers);
    const rows: Row[] = [];
    for (const it of cases) {
      rows.push(...await compare(it, { tokens, floor: FLOOR }));
    }
    return rows;
  });
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
    ["server: get an agent", "GetAgent", agent],
    [`server: list of ${PAGE}`, "ListAgents", list],
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
