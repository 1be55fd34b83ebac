import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import {
  type Client,
  Code,
  ConnectError,
  createClient,
  type ServiceImpl,
} from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { notFound } from "../model/error.ts";
import { toStigmerError } from "./errors.ts";
import { createInProcessTransport } from "./in_process.ts";

function clientOf(
  service: Partial<ServiceImpl<typeof BackendService>>,
  shutdown: AbortSignal = new AbortController().signal,
): Client<typeof BackendService> {
  const transport = createInProcessTransport(service, shutdown);
  return createClient(BackendService, transport);
}

/** Never answers, but ends when its signal does. */
function never(_request: unknown, context: { readonly signal: AbortSignal }) {
  return new Promise<never>((_, reject) => {
    context.signal.addEventListener("abort", () => reject(new Error("left")));
  });
}

async function failsWith(call: Promise<unknown>, code: Code): Promise<void> {
  await rejects(
    call,
    (error: unknown) => error instanceof ConnectError && error.code === code,
  );
}

Deno.test("a service never shares an object with its caller", async () => {
  const sizes: number[] = [];
  const client = clientOf({
    listAgents(request) {
      sizes.push(request.page?.size ?? -1);
      if (request.page !== undefined) request.page.size = 7;
      return {};
    },
  });
  const page = {
    $typeName: "stigmer.backend.v1.PageRequest",
    size: 5,
    token: "",
  } as const;
  await client.listAgents({ page });
  await client.listAgents({ page });
  deepStrictEqual(sizes, [5, 5]);
  strictEqual(page.size, 5);
});

Deno.test("a request that could not be sent is refused before the service", async () => {
  let called = false;
  const client = clientOf({
    listAgents() {
      called = true;
      return {};
    },
  });
  await failsWith(
    client.listAgents({ page: { size: -1 } }),
    Code.InvalidArgument,
  );
  await failsWith(
    client.listAgents({ page: { size: 1.5 } }),
    Code.InvalidArgument,
  );
  strictEqual(called, false);
});

Deno.test("an error keeps its code, its words and its cause for hints", async () => {
  const client = clientOf({
    getAgent() {
      throw notFound("agent", "x");
    },
  });
  await rejects(client.getAgent({ name: "x" }), (error: unknown) => {
    const told = toStigmerError(error);
    return told.code === "NOT_FOUND" &&
      told.message === 'Cannot find agent "x"';
  });
});

Deno.test("what a backend does not have is UNIMPLEMENTED", async () => {
  await failsWith(clientOf({}).getAgent({ name: "x" }), Code.Unimplemented);
});

Deno.test("a deadline ends a call, and the service hears of it", async () => {
  let reason: unknown;
  const client = clientOf({
    getAgent(request, context) {
      context.signal.addEventListener(
        "abort",
        () => reason = context.signal.reason,
      );
      return never(request, context);
    },
  });
  await failsWith(
    client.getAgent({ name: "x" }, { timeoutMs: 5 }),
    Code.DeadlineExceeded,
  );
  strictEqual(reason instanceof ConnectError, true);
});

Deno.test("a caller that leaves gets CANCELED at once, also before it began", async () => {
  const client = clientOf({ getAgent: never });
  const controller = new AbortController();
  const call = client.getAgent({ name: "x" }, { signal: controller.signal });
  controller.abort();
  await failsWith(call, Code.Canceled);
  await failsWith(
    client.getAgent({ name: "x" }, { signal: controller.signal }),
    Code.Canceled,
  );
});

Deno.test("a stream gives what came before it failed", async () => {
  const client = clientOf({
    async *watchExecution() {
      yield { event: { sequence: 1 } };
      yield { event: { sequence: 2 } };
      throw await Promise.resolve(notFound("execution", "x"));
    },
  });
  const seen: number[] = [];
  await failsWith(
    (async () => {
      for await (const { event } of client.watchExecution({ id: "x" })) {
        seen.push(event?.sequence ?? 0);
      }
    })(),
    Code.NotFound,
  );
  deepStrictEqual(seen, [1, 2]);
});

Deno.test("closing ends what is under way", async () => {
  const shutdown = new AbortController();
  const client = clientOf({
    getAgent: never,
    async *watchExecution(request, context) {
      yield { event: { sequence: 1 } };
      await never(request, context);
    },
  }, shutdown.signal);
  const call = client.getAgent({ name: "x" });
  const stream = (async () => {
    for await (const { event } of client.watchExecution({ id: "x" })) {
      if (event?.sequence === 1) shutdown.abort();
    }
  })();
  await Promise.all([
    failsWith(stream, Code.Canceled),
    failsWith(call, Code.Canceled),
  ]);
});
