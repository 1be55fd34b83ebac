import assert from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  BackendService,
  CreateEnvironmentRequestSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { jsonOfValue, valueMessage } from "../../src/backend/proto_json.ts";
import { storeFlow } from "../backend/flow.ts";
import { fails } from "../backend/suite.ts";
import { clientOf } from "../cloud/serving.ts";
import { grpcClient, serviceError, withGrpc } from "../server/grpc_server.ts";

const RESOURCES = 10_000;
const BATCH = 1000;
const PAGE = 1000;
const INPUT_BYTES = 5 * 1024 * 1024;
const ARTIFACT_BYTES = 20 * 1024 * 1024;
const MESSAGE_BYTES_MAX = 1024 * 1024;
const RATE_OFF = { callsPerSecondMax: 0 };
const GRPC_RESOURCE_EXHAUSTED = 8;

Deno.test("ten thousand resources come page by page, each once", async () => {
  await withGrpc(async ({ http, client }) => {
    for (let at = 0; at < RESOURCES; at += BATCH) {
      const { applied } = await client.applyResources({
        resources: Array.from({ length: BATCH }, (_, i) => ({
          resource: {
            case: "environment" as const,
            value: { metadata: { name: `env-${at + i}` } },
          },
        })),
      });
      assert.ok(applied);
    }
    await using backend = clientOf(http.port);
    const names = new Set<string>();
    let token = "";
    let pages = 0;
    do {
      const { environments, nextPageToken } = await backend.client
        .listEnvironments({ page: { size: PAGE, token } });
      for (const { metadata } of environments) names.add(metadata?.name ?? "");
      token = nextPageToken;
      pages++;
    } while (token !== "");
    assert.equal(names.size, RESOURCES);
    assert.equal(pages, RESOURCES / PAGE);
  }, { limits: RATE_OFF });
});

Deno.test("megabytes go both ways as they are", async () => {
  await withGrpc(async ({ http, client }) => {
    await storeFlow(client, [{ greet: { set: { text: "hello" } } }]);
    await using backend = clientOf(http.port);
    const input = {
      text: Array.from(
        { length: INPUT_BYTES / 16 },
        (_, i) => String(i * 7919).padStart(16),
      ).join(""),
    };
    const { execution } = await backend.client.createExecution({
      kind: "Workflow",
      name: "flow",
      input: valueMessage(input),
    });
    const id = execution?.metadata?.id ?? "";
    const read = await backend.client.getExecution({ id });
    const value = read.execution?.spec?.input;
    const back = jsonOfValue(value, { absent: null, what: "the input" });
    assert.deepEqual(back, input);
    const content = new Uint8Array(ARTIFACT_BYTES);
    for (let at = 0; at < content.length; at += 65_536) {
      crypto.getRandomValues(content.subarray(at, at + 65_536));
    }
    await backend.client.storeArtifact({
      executionId: id,
      name: "large.bin",
      content,
    });
    const stored = await backend.client.getArtifact({
      executionId: id,
      id: "large.bin",
    });
    assert.deepEqual(await digest(stored.content), await digest(content));
  });
});

async function digest(bytes: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return new Uint8Array(hash).toHex();
}

Deno.test("a message over the limit is refused with its bound over each protocol", async () => {
  await withGrpc(async ({ http, grpc }) => {
    const name = "a".repeat(MESSAGE_BYTES_MAX);
    const environment = { metadata: { name } };
    const words = new RegExp(`message.* ${MESSAGE_BYTES_MAX}\\b`);
    await using backend = clientOf(http.port);
    await fails(
      backend.client.createEnvironment({ environment }),
      "RESOURCE_EXHAUSTED",
      words,
    );
    const bytes = toBinary(
      CreateEnvironmentRequestSchema,
      create(CreateEnvironmentRequestSchema, { environment }),
    );
    const { method, typeName } = BackendService;
    const path = `/${typeName}/${method.createEnvironment.name}`;
    const web = await fetch(`http://127.0.0.1:${http.port}${path}`, {
      method: "POST",
      headers: { "content-type": "application/grpc-web+proto" },
      body: framed(bytes),
    });
    const trailer = `${await web.text()} ${[...web.headers].join(" ")}`;
    assert.match(trailer, /grpc-status\W+8\b/);
    assert.match(decodeURIComponent(trailer), words);
    using client = grpcClient(grpc.address);
    const thrown = await client.ask(method.createEnvironment, {
      environment,
    }).then(() => assert.fail("taken"), serviceError);
    assert.equal(thrown.code, GRPC_RESOURCE_EXHAUSTED);
    assert.match(thrown.details, words);
    await backend.client.listAgents({});
  }, { limits: { messageBytesMax: MESSAGE_BYTES_MAX } });
});

/** A message with the five bytes that streams put before it. */
function framed(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(5 + message.length);
  new DataView(whole.buffer).setUint32(1, message.length);
  whole.set(message, 5);
  return whole;
}
