import assert from "node:assert/strict";
import { startAuthority } from "../../tests/servers/authority.ts";
import {
  type Greeter,
  GREETER_FILES,
  startGreeter,
} from "../../tests/servers/greeter.ts";
import {
  activityContext,
  failureOf,
  outputOf,
  startRecorder,
} from "../../tests/servers/recorder.ts";
import { until } from "../../tests/until.ts";
import { systemHost } from "../host/system.ts";
import type { Activity, ActivityOutcome } from "../model/durable.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { type Authorizer, createAuthorizer } from "./authorize.ts";
import { createDocuments } from "./documents.ts";
import { createGrpcActivity } from "./grpc.ts";

async function withFiles(
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/app/parts`, { recursive: true });
    for (const [name, text] of Object.entries(GREETER_FILES)) {
      await Deno.writeTextFile(`${folder}/app/${name}`, text);
    }
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function newActivity(): Activity {
  const host = systemHost();
  const authorizer = createAuthorizer({ host });
  const documents = createDocuments({ host, authorizer });
  return createGrpcActivity({ authorizer, documents });
}

function call(
  folder: string,
  greeter: Pick<Greeter, "port">,
  input: JsonObject,
  signal?: AbortSignal,
): Promise<ActivityOutcome> {
  return newActivity()(
    {
      proto: { uri: "file://app/greet.proto" },
      service: "GreeterApi.Greeter",
      host: "localhost",
      port: greeter.port,
      arguments: {},
      ...input,
    },
    activityContext({
      workingDirectory: folder,
      ...(signal === undefined ? {} : { signal }),
    }),
  );
}

function part(json: Json, key: string): Json {
  return isJsonObject(json) ? json[key] ?? null : null;
}

Deno.test(
  "grpc calls a method and maps messages as Protocol Buffers do",
  async () => {
    await withFiles(async (folder) => {
      await using greeter = await startGreeter();
      const message: JsonObject = {
        name: "Ada",
        bestPet: { petName: "Tom", kind: "KIND_CAT" },
        numbers: ["9007199254740993", "-1"],
        kinds: { a: "KIND_DOG", "b.c": "KIND_NONE" },
        at: "2026-01-31T08:00:00.250Z",
        more: { list: [1, null, "x", { y: true }] },
        raw: "AP8=",
        nick: "A",
        wait: "-1.500s",
        age: 0,
        right: 7,
        weight: 1.5,
        good: true,
      };
      const output = outputOf(
        await call(folder, greeter, { method: "SayHello", arguments: message }),
      );
      assert.deepEqual(output, {
        message: "Hello Ada",
        count: 0,
        echo: message,
      });
      const plain = outputOf(
        await call(folder, greeter, {
          method: "SayHello",
          arguments: { best_pet: { pet_name: "T" }, at: null },
        }),
      );
      assert.deepEqual(part(plain, "echo"), {
        name: "",
        bestPet: { petName: "T", kind: "KIND_NONE" },
        numbers: [],
        kinds: {},
        raw: "",
        weight: 0,
        good: false,
      });
      assert.equal(greeter.calls[0]?.["idempotency-key"], "wex-1/do/0/call#1");
    });
  },
);

Deno.test(
  "grpc gathers what the server streams, and sends one message to one that takes many",
  async () => {
    await withFiles(async (folder) => {
      await using greeter = await startGreeter();
      const of = async (method: string) =>
        outputOf(
          await call(folder, greeter, { method, arguments: { name: "a" } }),
        );
      const many = await of("SayMany");
      assert.deepEqual(
        many,
        [0, 1, 2].map((count) => ({ message: "a", count })),
      );
      assert.deepEqual(await of("Gather"), { message: "", count: 1 });
      assert.deepEqual(await of("Chat"), [{ message: "a", count: 0 }]);
    });
  },
);

Deno.test(
  "grpc names the mistake in arguments, methods and services",
  async () => {
    await withFiles(async (folder) => {
      const cases: readonly [JsonObject, RegExp][] = [
        [
          { arguments: { nam: "a" } },
          /has no field "nam". Did you mean "name"\?/,
        ],
        [
          { arguments: { name: 1 } },
          /"arguments.name" must be a string, not number/,
        ],
        [
          { arguments: { bestPet: { kind: "CAT" } } },
          /"arguments.bestPet.kind" must be one of KIND_NONE, KIND_CAT, KIND_DOG, not "CAT"/,
        ],
        [{ arguments: { numbers: 1 } }, /"arguments.numbers" must be an array/],
        [
          { arguments: { numbers: ["9223372036854775808"] } },
          /"arguments.numbers.0" must be a whole number of int64/,
        ],
        [{ arguments: { age: 1.5 } }, /must be a whole number of int32/],
        [{ arguments: { age: 2147483648 } }, /must be a whole number of int32/],
        [{ arguments: { at: "yesterday" } }, /must be a time as 2026/],
        [{ arguments: { raw: "***" } }, /must be base64/],
        [
          { method: "SayHallo" },
          /no method "SayHallo". Did you mean "SayHello"\?/,
        ],
        [{ service: "Greeter" }, /no service "Greeter"/],
        [
          { proto: { uri: "file://app/none.proto" } },
          /there is no file ".*none.proto"/,
        ],
        [{ port: 70_000 }, /70000 is not a port/],
      ];
      for (const [input, detail] of cases) {
        const outcome = await call(folder, { port: 9 }, {
          method: "SayHello",
          ...input,
        });
        assert.match(failureOf(outcome).detail, detail);
      }
    });
  },
);

Deno.test("grpc gives each status its sort of error", async () => {
  await withFiles(async (folder) => {
    await using greeter = await startGreeter();
    const cases: readonly [number, string, number][] = [
      [3, "communication", 400],
      [4, "timeout", 408],
      [5, "communication", 404],
      [7, "authorization", 403],
      [8, "communication", 429],
      [13, "communication", 500],
      [14, "communication", 503],
      [16, "authentication", 401],
    ];
    for (const [code, kind, status] of cases) {
      const failure = failureOf(
        await call(folder, greeter, {
          method: "Fail",
          arguments: { name: String(code) },
        }),
      );
      assert.match(failure.type, new RegExp(`/${kind}$`));
      assert.equal(failure.status, status);
      assert.equal(
        failure.detail,
        `Calling /GreeterApi.Greeter/Fail of localhost:${greeter.port} ` +
          "failed: as asked",
      );
    }
  });
});

Deno.test(
  "grpc proves who it is, and replaces a token that is refused",
  async () => {
    await withFiles(async (folder) => {
      await using authority = startAuthority();
      await using greeter = await startGreeter({ token: () => "token-2" });
      const outcome = await call(folder, greeter, {
        method: "SayHello",
        arguments: { name: "Ada" },
        authentication: {
          scheme: "oauth2",
          properties: {
            authority: authority.url,
            grant: "client_credentials",
            client: { id: "c", secret: "s" },
          },
        },
      });
      assert.equal(part(outputOf(outcome), "message"), "Hello Ada");
      assert.deepEqual(greeter.calls.map((it) => it["authorization"]), [
        "Bearer token-1",
        "Bearer token-2",
      ]);
      const digest = call(folder, greeter, {
        method: "SayHello",
        authentication: {
          scheme: "digest",
          properties: { username: "a", password: "b" },
        },
      });
      await assert.rejects(digest, /answers the challenge of an HTTP server/);
    });
  },
);

Deno.test("grpc gives what proves who asks to no host that a description moved to", async () => {
  const proto = (name: string) =>
    `syntax = "proto3"; package x; import "${name}"; service S {}`;
  await using thief = startRecorder(({ target }) =>
    target === "/part.proto"
      ? new Response('syntax = "proto3";')
      : new Response(proto("part.proto"))
  );
  await using own = startRecorder(() => Response.redirect(`${thief.url}/a`));
  const authentication = { scheme: "bearer", properties: { token: "t" } };
  failureOf(
    await call("/", { port: 1 }, {
      proto: { uri: `${own.url}/a.proto`, authentication },
      method: "M",
    }),
  );
  assert.equal(own.requests[0]?.headers.get("authorization"), "Bearer t");
  assert.deepEqual(
    thief.requests.map(({ target, headers }) => [
      target,
      headers.get("authorization"),
    ]),
    [["/a", null], ["/part.proto", null]],
  );
});

Deno.test("grpc reads no file of this machine for a description of another", async () => {
  await withFiles(async (folder) => {
    for (const path of [`file://${folder}/app/greet.proto`, "http://["]) {
      await using own = startRecorder(() =>
        new Response(`syntax = "proto3"; import "${path}";`)
      );
      const failure = failureOf(
        await call(folder, { port: 1 }, {
          proto: { uri: `${own.url}/a.proto` },
          method: "SayHello",
        }),
      );
      assert.match(failure.type, /configuration$/);
      assert.ok(
        failure.detail.startsWith(
          `Cannot read "${own.url}/a.proto": it imports "${path}", which`,
        ),
        failure.detail,
      );
    }
  });
});

Deno.test("grpc calls nobody when it is aborted before", async () => {
  await withFiles(async (folder) => {
    await using greeter = await startGreeter();
    const abort = new AbortController();
    const host = systemHost();
    const authorizer: Authorizer = {
      ...createAuthorizer({ host }),
      authorization: () => {
        abort.abort(new Error("gone"));
        return Promise.resolve(undefined);
      },
    };
    const documents = createDocuments({ host, authorizer });
    const calling = createGrpcActivity({ authorizer, documents })(
      {
        proto: { uri: "file://app/greet.proto" },
        service: "GreeterApi.Greeter",
        method: "SayHello",
        host: "localhost",
        port: greeter.port,
        arguments: { name: "a" },
      },
      activityContext({ workingDirectory: folder, signal: abort.signal }),
    );
    await assert.rejects(calling, /gone/);
    assert.deepEqual(greeter.calls, []);
  });
});

Deno.test("grpc lets go when it is aborted", async () => {
  await withFiles(async (folder) => {
    await using greeter = await startGreeter();
    const abort = new AbortController();
    const hanging = call(folder, greeter, { method: "Hang" }, abort.signal);
    const rejected = assert.rejects(hanging, /gone/);
    await until(() => greeter.calls.length === 1);
    abort.abort(new Error("gone"));
    await rejected;
    await until(() => greeter.cancelled() === 1);
  });
});
