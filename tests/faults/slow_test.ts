import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createPlace } from "../cli/program.ts";
import { clientOf, startProcess } from "../cloud/serving.ts";
import { startFlow, storeFlow } from "../backend/flow.ts";
import { temporaryHome } from "../backend/suite.ts";
import { canTellMemory, memoryMib } from "../memory.ts";
import { until } from "../until.ts";
import { completed, freePort, startServing } from "./server_process.ts";

const SLOW_EACH = 250;
const BYTE_EVERY_MS = 100;
const BODY_MS = 10_000;
const MEMORY_GROWTH_MIB_MAX = 200;
const OTHERS = 100;
const PATH = "/stigmer.backend.v1.BackendService/ListAgents";
const ENCODER = new TextEncoder();

/** A connection that says a byte now and then. */
interface Slow extends Disposable {
  /** The first line of the answer, or none when it was hung up on. */
  readonly answer: Promise<string>;
}

/** Connects, says what is at hand at once, and the rest slowly. */
async function slowly(
  port: number,
  { head, rest }: { readonly head: string; readonly rest: string },
): Promise<Slow> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(ENCODER.encode(head));
  let at = 0;
  const timer = setInterval(() => {
    const byte = ENCODER.encode(rest[at++ % rest.length]);
    connection.write(byte).catch(() => clearInterval(timer));
  }, BYTE_EVERY_MS);
  const answer = (async () => {
    const bytes = new Uint8Array(1024);
    const count = await connection.read(bytes).catch(() => null);
    const text = new TextDecoder().decode(bytes.subarray(0, count ?? 0));
    return text.split("\r\n", 1)[0] ?? "";
  })();
  return {
    answer,
    [Symbol.dispose]() {
      clearInterval(timer);
      connection.close();
    },
  };
}

const LINES = [`POST ${PATH} HTTP/1.1`, "host: localhost", ""].join("\r\n");
/** The head never ends. */
const SLOW_HEAD = { head: LINES, rest: "x-slow: 1\r\n" };
/** The body never ends. */
const SLOW_BODY = {
  head: LINES + [
    "content-type: application/json",
    "content-length: 1000000",
    "",
    "",
  ].join("\r\n"),
  rest: " ",
};

/** Calls that a server has under way, by its metrics. */
async function callsOf(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const count = /^stigmer_requests_in_flight (\d+)$/m
    .exec(await response.text())?.[1];
  return Number(count);
}

Deno.test({
  name: "hundreds who send a byte now and then hold nobody up",
  ignore: !canTellMemory,
  async fn() {
    await using home = temporaryHome();
    await using server = await startProcess(home.path, 0, { bodyMs: BODY_MS });
    const { pid, port } = server;
    const idleCalls = await callsOf(port);
    const beforeMib = await memoryMib(pid);
    const slow = await Promise.all(
      Array.from(
        { length: 2 * SLOW_EACH },
        (_, i) => slowly(port, i % 2 === 0 ? SLOW_HEAD : SLOW_BODY),
      ),
    );
    try {
      await until(async () => await callsOf(port) === idleCalls + SLOW_EACH);
      await using backend = clientOf(port);
      for (let i = 0; i < OTHERS; i++) {
        await backend.client.createEnvironment({
          environment: { metadata: { name: `e${i}` } },
        });
      }
      const grownMib = await memoryMib(pid) - beforeMib;
      assert.ok(grownMib < MEMORY_GROWTH_MIB_MAX, `${grownMib} MiB more`);
      const bodies = slow.filter((_, i) => i % 2 === 1);
      for (const { answer } of bodies) {
        assert.equal(await answer, "HTTP/1.1 504 Gateway Timeout");
      }
      await until(async () => await callsOf(port) === idleCalls);
    } finally {
      for (const one of slow) one[Symbol.dispose]();
      await Promise.all(slow.map((one) => one.answer));
    }
  },
});

const ASKING = fileURLToPath(
  new URL("../server/asking_grpc_program.ts", import.meta.url),
);
const FILES_MAX = 64;
/** Only there can one say how many files another process may open. */
const ignore = Deno.build.os !== "linux";

/** Has a process open as many files as it may. */
async function exhaust(
  pid: number,
  connect: () => Promise<Deno.Conn>,
): Promise<Disposable> {
  const limited = await new Deno.Command("prlimit", {
    args: [`--pid=${pid}`, `--nofile=${FILES_MAX}:${FILES_MAX}`],
  }).output();
  assert.equal(limited.code, 0);
  const connections: Deno.Conn[] = [];
  for (let i = 0; i < 2 * FILES_MAX; i++) {
    const connection = await connect().catch(() => undefined);
    if (connection !== undefined) connections.push(connection);
  }
  return {
    [Symbol.dispose]: () => connections.forEach((it) => it.close()),
  };
}

/** Has a server do what it does at its start: it loads that from files. */
async function awaitStarted(endpoint: string): Promise<void> {
  await using backend = clientOf(0, { endpoint });
  await storeFlow(backend.client, [{ greet: { set: { text: "hello" } } }]);
  await completed(backend.client, await startFlow(backend.client));
}

for (const listen of ["tcp", "unix"]) {
  const name = `a server that may open no more files listens again: ${listen}`;
  Deno.test(name, { ignore }, async () => {
    await using place = await createPlace();
    const path = `${place.folder}/run/api.sock`;
    const words = listen === "tcp" ? [] : ["--listen", `unix:${path}`];
    await using server = await startServing(place, { words });
    const { program, port } = server;
    const endpoint = listen === "tcp" ? server.endpoint : `unix:${path}`;
    await awaitStarted(endpoint);
    const connections = await exhaust(
      program.pid,
      () =>
        listen === "tcp"
          ? Deno.connect({ port })
          : Deno.connect({ transport: "unix", path }),
    );
    await program.said("Too many open files");
    connections[Symbol.dispose]();
    await program.said(/Listening on .+ again/);
    await using backend = clientOf(port, { endpoint });
    await backend.client.listAgents({});
    program.kill("SIGTERM");
    assert.equal((await program.ended).code, 0);
  });
}

Deno.test("a server that may open no more files listens again: gRPC", {
  ignore,
}, async () => {
  await using place = await createPlace();
  const port = freePort();
  const words = ["--grpc-listen", `127.0.0.1:${port}`];
  await using server = await startServing(place, { words });
  const { program } = server;
  await program.said(`:${port}`);
  await awaitStarted(server.endpoint);
  const connections = await exhaust(
    program.pid,
    () => Deno.connect({ port }),
  );
  const openFiles = (): number =>
    [...Deno.readDirSync(`/proc/${program.pid}/fd`)].length;
  await until(() => openFiles() >= FILES_MAX);
  connections[Symbol.dispose]();
  await program.said(/Lost \S+: it hears nobody/);
  await program.said(/Listening on .+ again/);
  // In a process of its own: a server that goes away has broken off Deno's.
  const asked = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", ASKING, `127.0.0.1:${port}`],
  }).output();
  assert.equal(new TextDecoder().decode(asked.stdout), "answered\n");
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0);
});
