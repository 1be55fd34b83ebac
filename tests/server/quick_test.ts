import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  create,
  type DescMethod,
  fromBinary,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import {
  BackendService,
  ListAgentsRequestSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { INSTRUCTIONS } from "../backend/suite.ts";
import { type Guarded, startGuarded } from "./guarded.ts";

/**
 * Types that mean the same: Connect takes any case, and what is not written as
 * its clients write it goes the long way.
 */
const TYPES = {
  json: { short: "application/json", long: "Application/JSON" },
  binary: { short: "application/proto", long: "Application/Proto" },
} as const;

/** What a proxy says for a caller on another machine: its answers are packed. */
const ELSEWHERE = { "x-forwarded-for": "192.0.2.1" } as const;

interface Asked {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly format?: keyof typeof TYPES;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly role?: "admin" | "viewer";
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

async function ask(
  server: Guarded,
  name: string,
  asked: Asked & { readonly way: "short" | "long" },
): Promise<Answer> {
  const { body, format = "json", method = "POST", role = "admin", way } = asked;
  const response = await fetch(
    `${server.url}/${BackendService.typeName}/${name}`,
    {
      method,
      ...(method === "GET" ? {} : { body }),
      headers: {
        authorization: `Bearer ${server.tokens[role]}`,
        "content-type": TYPES[format][way],
        "x-request-id": "as-it-came",
        ...asked.headers,
      },
    },
  );
  const bytes = await response.bytes();
  const headers = Object.fromEntries(response.headers);
  delete headers.date;
  return { status: response.status, headers, bytes };
}

/** What is another at each call: ids, moments, how long something took. */
function still(text: string): string {
  return text
    .replaceAll(/[a-z]{3}-[0-9a-hjkmnp-tv-z]{26}/g, "ID")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/[\d.]+ ([KMG]iB|ms|s)\b/g, "N $1")
    .replaceAll(/key-[0-9a-f]{20}/g, "KEY")
    .replaceAll(/stg_\w+/g, "TOKEN")
    .replaceAll(
      /"(\w*(?:[bB]ytes|[uU]ptime|Ms|hash|residentSet)\w*)":"?[\d.]+s?"?/g,
      '"$1":0',
    );
}

function shown(
  { output }: DescMethod,
  { status, bytes }: Answer,
  format: keyof typeof TYPES,
): string {
  return still(
    format === "binary" && status === 200
      ? JSON.stringify(toJson(output, fromBinary(output, bytes)))
      : new TextDecoder().decode(bytes),
  );
}

const UNARY = BackendService.methods.filter((it) => it.methodKind === "unary");

async function withAgents(
  work: (server: Guarded) => Promise<void>,
): Promise<void> {
  await using server = await startGuarded();
  await server.local.client.applyResources({
    resources: Array.from({ length: 60 }, (_, i) => ({
      resource: {
        case: "agent",
        value: {
          metadata: { name: `Agent ${i}`, labels: { team: "ü".repeat(200) } },
          spec: { instructions: INSTRUCTIONS },
        },
      },
    })),
  });
  await work(server);
}

Deno.test("every unary call is answered the same the short way and the long", () =>
  withAgents(async (server) => {
    for (const method of UNARY) {
      for (const format of ["json", "binary"] as const) {
        const body = format === "json" ? "{}" : new Uint8Array();
        for (const role of ["admin", "viewer"] as const) {
          const asked = { body, format, role };
          // The first of some makes what the next finds.
          await ask(server, method.name, { ...asked, way: "long" });
          const short = await ask(server, method.name, {
            ...asked,
            way: "short",
          });
          const long = await ask(server, method.name, {
            ...asked,
            way: "long",
          });
          const where = `${method.name} ${format}`;
          strictEqual(short.status, long.status, where);
          strictEqual(
            shown(method, short, format),
            shown(method, long, format),
            where,
          );
          const { "content-length": _, ...headers } = short.headers;
          const { "content-length": __, ...others } = long.headers;
          deepStrictEqual(headers, others, where);
        }
      }
    }
  }));

Deno.test("what is asked well and badly is answered with the same bytes and headers", () =>
  withAgents(async (server) => {
    const page = toBinary(
      ListAgentsRequestSchema,
      create(ListAgentsRequestSchema, { page: { size: 50 } }),
    );
    const cases: readonly (readonly [string, Asked, number])[] = [
      ["GetAgent", { body: '{"name":"agent-7"}' }, 200],
      ["GetAgent", { body: '{"name":"agent-7","other":[1]}' }, 400],
      ["GetAgent", { body: '\ufeff{"name":"agent-7"}' }, 200],
      ["GetAgent", { body: '{"name":"agent-7000"}' }, 404],
      ["GetAgent", { body: '{"name":7}' }, 400],
      ["GetAgent", { body: '{"name":"agent-7"' }, 400],
      ["GetAgent", { body: "" }, 400],
      ["GetAgent", { body: "[]" }, 400],
      ["GetAgent", { body: new Uint8Array([255, 255]), format: "binary" }, 400],
      [
        "GetAgent",
        { body: new Uint8Array([10, 9, 65]), format: "binary" },
        400,
      ],
      [
        "GetAgent",
        { body: new Uint8Array([10, 1, 255]), format: "binary" },
        400,
      ],
      ["ListAgents", { body: '{"page":{"size":50}}' }, 200],
      ["ListAgents", { body: page, format: "binary" }, 200],
      ["ListAgents", { body: '{"page":{"size":-1}}' }, 400],
      ["ListAgents", { body: '{"page":{"token":"x"}}' }, 400],
      ["CreateToken", { body: "{}", role: "viewer" }, 403],
      ["DeleteAgent", { body: '{"name":"agent-999"}' }, 404],
    ];
    const more: readonly Readonly<Record<string, string>>[] = [
      {},
      { "accept-encoding": "identity" },
      { "accept-encoding": "br, gzip;q=1" },
      { "accept-encoding": "gzip" },
      { ...ELSEWHERE, "accept-encoding": "identity" },
      { ...ELSEWHERE, "accept-encoding": "br, gzip;q=1" },
      { ...ELSEWHERE, "accept-encoding": "br, gzip" },
      { "connect-timeout-ms": "5000" },
      { "connect-timeout-ms": "0" },
      { "connect-timeout-ms": "soon" },
      { "connect-timeout-ms": "12345678901" },
      { "connect-protocol-version": "7" },
      { "content-encoding": "rot13" },
    ];
    for (const [name, asked, status] of cases) {
      for (const headers of more) {
        const short = await ask(server, name, {
          ...asked,
          headers,
          way: "short",
        });
        const long = await ask(server, name, {
          ...asked,
          headers,
          way: "long",
        });
        deepStrictEqual(short, long, `${name} ${JSON.stringify(headers)}`);
        if (Object.keys(headers).length === 0) {
          strictEqual(short.status, status);
        }
      }
    }
    const get = { body: "", method: "GET" };
    deepStrictEqual(
      await ask(server, "DeleteAgent", { ...get, way: "short" }),
      await ask(server, "DeleteAgent", { ...get, way: "long" }),
    );
  }));
