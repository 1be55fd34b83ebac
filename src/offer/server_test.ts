import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import type {
  JSONRPCMessage,
  Server,
  Transport,
} from "@modelcontextprotocol/server";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { Approval, Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { until } from "../../tests/until.ts";
import { createInProcessTransport } from "../backend/in_process.ts";
import { notFound, StigmerError } from "../model/error.ts";
import { fakeHost } from "../host/fake.ts";
import { createOffer, type Offer, type OfferOptions } from "./server.ts";

type Service = Parameters<typeof createInProcessTransport>[0];

function offerOf(
  service: Service,
  options: Partial<OfferOptions> = {},
): Promise<Offer> {
  const transport = createInProcessTransport({
    listAgents: () => ({
      agents: [{ metadata: { name: "bot", slug: "bot" } }],
    }),
    listWorkflows: () => ({}),
    ...service,
  }, new AbortController().signal);
  return createOffer({
    host: fakeHost(),
    client: createClient(BackendService, transport),
    only: [],
    approval: Approval.ASK,
    workingDirectory: "",
    answers: false,
    pollMs: 1000,
    ...options,
  });
}

/** What a server was told and what it answered, by the id of the request. */
interface Wire {
  readonly server: Server;
  call(id: number, name: string, args: object, meta?: object): void;
  answer(id: number): Promise<JSONRPCMessage>;
}

async function connectTo(offer: Offer): Promise<Wire> {
  const sent: JSONRPCMessage[] = [];
  const { server } = await offer.newServer({ era: "legacy" });
  const transport: Transport = {
    start: () => Promise.resolve(),
    send: (message) => Promise.resolve(void sent.push(message)),
    close: () => Promise.resolve(transport.onclose?.()),
  };
  await server.connect(transport);
  const say = (id: number, method: string, params: object): void =>
    transport.onmessage?.({
      jsonrpc: "2.0",
      id,
      method,
      params: { ...params },
    });
  const answer = (id: number): Promise<JSONRPCMessage> =>
    until(() => sent.find((it) => "id" in it && it.id === id));
  say(0, "initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "t", version: "1" },
  });
  await answer(0);
  return {
    server,
    answer,
    call: (id, name, args, meta = {}) =>
      say(id, "tools/call", { name, arguments: args, _meta: meta }),
  };
}

Deno.test("a call whose client leaves while its execution is created is cancelled before all is settled", async () => {
  const created = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const cancelled: string[] = [];
  const offer = await offerOf({
    async createExecution() {
      began.resolve();
      await created.promise;
      return { execution: { metadata: { id: "aex-1" } } };
    },
    getExecution: ({ id }) => ({ execution: { metadata: { id } } }),
    cancelExecution({ id }) {
      cancelled.push(id);
      return {};
    },
  });
  const { call, server } = await connectTo(offer);
  call(1, "bot", { message: "Hi" });
  await began.promise;
  await server.close();
  const settled = offer.settled();
  created.resolve();
  await settled;
  deepStrictEqual(cancelled, ["aex-1"]);
});

Deno.test("where some are offered, executions of others are not told of", async () => {
  const names: Readonly<Record<string, { name: string; resource: string }>> = {
    "aex-1": { name: "bot", resource: "agt-1" },
    "aex-2": { name: "treasurer", resource: "agt-2" },
    // A file that was run, whatever it calls itself.
    "aex-3": { name: "bot", resource: "" },
  };
  const offer = await offerOf({
    getExecution({ id }) {
      const found = names[id];
      if (found === undefined) throw notFound("execution", id);
      return {
        execution: {
          metadata: { id },
          spec: { resourceName: found.name, resourceId: found.resource },
          status: { phase: Phase.FAILED, error: { detail: `of ${id}` } },
        },
      };
    },
  }, { only: ["b*"] });
  const { answer, call } = await connectTo(offer);
  const told = async (number: number, id: string): Promise<string> => {
    call(number, "stigmer_execution", { id, action: "get" });
    return JSON.stringify(await answer(number));
  };
  match(await told(1, "aex-1"), /of aex-1/);
  for (const [i, id] of ["aex-2", "aex-3", "aex-4"].entries()) {
    const text = await told(2 + i, id);
    strictEqual(text.includes(`of ${id}`), false, text);
    match(text, /"isError":true/);
    match(text, /Cannot find execution/);
  }
});

Deno.test("a call that cannot be followed any more names the execution that goes on", async () => {
  const offer = await offerOf({
    createExecution: () => ({ execution: { metadata: { id: "aex-1" } } }),
    // deno-lint-ignore require-yield -- it breaks off before anything comes.
    async *watchExecution() {
      await Promise.resolve();
      throw new StigmerError("UNAVAILABLE", "The server is gone");
    },
  });
  const { answer, call } = await connectTo(offer);
  call(1, "bot", { message: "Hi" });
  const text = JSON.stringify(await answer(1));
  match(text, /"isError":true/);
  match(text, /The server is gone/);
  match(text, /aex-1[^]*stigmer_execution/);
  match(text, /"agentic.stigmer.ai\/execution":\{"id":"aex-1"/);
});

Deno.test("a call has the key of whoever called, another program or an agent of ours", async () => {
  const keys: string[] = [];
  const offer = await offerOf({
    createExecution({ idempotencyKey }) {
      keys.push(idempotencyKey);
      throw new StigmerError("FAILED_PRECONDITION", "Not now");
    },
  });
  const { answer, call } = await connectTo(offer);
  const metas = [
    { "agentic.stigmer.ai/idempotency-key": "one" },
    { "stigmer.ai/idempotency-key": "two" },
    {},
  ];
  for (const [i, meta] of metas.entries()) {
    call(1 + i, "bot", { message: "Hi" }, meta);
    await answer(1 + i);
  }
  deepStrictEqual(keys, ["one", "two", ""]);
});

Deno.test("a repeated call takes up what was left behind, and not what a person paused", async () => {
  const resumed: string[] = [];
  const phases = [Phase.RUNNING, Phase.PAUSED];
  const offer = await offerOf({
    createExecution: ({ idempotencyKey: id }) => ({
      execution: {
        metadata: { id },
        status: { phase: phases[Number(id)] ?? Phase.FAILED },
      },
    }),
    resumeExecution({ id }) {
      resumed.push(id);
      return {};
    },
    async *watchExecution() {},
    getExecution: ({ id }) => ({
      execution: { metadata: { id }, status: { phase: Phase.COMPLETED } },
    }),
  });
  const { answer, call } = await connectTo(offer);
  for (const i of phases.keys()) {
    const key = { "agentic.stigmer.ai/idempotency-key": `${i}` };
    call(1 + i, "bot", { message: "Hi" }, key);
    match(JSON.stringify(await answer(1 + i)), /"phase":"COMPLETED"/);
  }
  deepStrictEqual(resumed, ["0"]);
});
