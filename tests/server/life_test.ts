import assert from "node:assert/strict";
import { type BackendClient, openBackend } from "../../src/backend/open.ts";
import { toStigmerError } from "../../src/backend/errors.ts";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { flowOf } from "../backend/flow.ts";
import { createPlace, type Place, type Started } from "../cli/program.ts";
import { addPrograms, runLine } from "../cli/shown.ts";
import { until } from "../until.ts";

/** A server as a process, on a socket that needs no token. */
interface Served {
  readonly program: Started;
  readonly socket: string;
  readonly endpoint: string;
}

async function serve(place: Place, ...more: string[]): Promise<Served> {
  const socket = `${place.folder}/run/api.sock`;
  const endpoint = `unix:${socket}`;
  const program = place.start(["server", "--listen", endpoint, ...more]);
  await program.said("Listening on");
  return { program, socket, endpoint };
}

/** Starts a workflow of one command, and gives the id of its execution. */
async function runShell(
  client: BackendClient,
  command: string,
): Promise<string> {
  const { execution } = await client.createExecution({
    kind: "Workflow",
    name: "flow",
    definitions: [{
      resource: {
        case: "workflow",
        value: flowOf([{ one: { run: { shell: { command } } } }]),
      },
    }],
  });
  return execution?.metadata?.id ?? "";
}

async function phaseOf(client: BackendClient, id: string): Promise<number> {
  const { execution } = await client.getExecution({ id });
  return execution?.status?.phase ?? 0;
}

async function get(socket: string, path: string): Promise<Response> {
  const client = Deno.createHttpClient({
    proxy: { transport: "unix", path: socket },
  });
  try {
    const response = await fetch(`http://localhost${path}`, { client });
    const text = await response.text();
    return new Response(text, response);
  } finally {
    client.close();
  }
}

Deno.test("who leaves in the middle of a backup is no failure of the server", async () => {
  if (Deno.build.os === "windows") return;
  await using place = await createPlace();
  const { program, endpoint } = await serve(place);
  {
    await using backend = await openBackend({ cloud: { endpoint } });
    // What cannot be packed: an answer that fits into a pipe is never cut off.
    const text = Array.from({ length: 1600 }, () => crypto.randomUUID()).join();
    for (let i = 0; i < 200; i++) {
      await backend.client.createEnvironment({
        environment: {
          metadata: { name: `large-${i}` },
          spec: { variables: { A: `${i}${text}` } },
        },
      });
    }
  }
  await addPrograms(place);
  const env = { STIGMER_ENDPOINT: endpoint };
  for (let round = 0; round < 3; round++) {
    await runLine(place, "stigmer backup - | head -c 20", { env });
  }
  await program.said("BackUpDatabase");
  program.kill("SIGTERM");
  const { stderr } = await program.ended;
  assert.match(stderr, /Drained/);
  assert.deepEqual(stderr.match(/^.*ERROR.*$/gm), null);
});

Deno.test("a server that is to end lets what runs come to its end", async () => {
  await using place = await createPlace();
  const { program, socket, endpoint } = await serve(place);
  await using backend = await openBackend({
    cloud: { endpoint, reconnectTimeoutMs: 1 },
  });
  const { client } = backend;
  const began = `${place.folder}/began`;
  const go = `${place.folder}/go`;
  const id = await runShell(
    client,
    `touch "${began}"; while [ ! -e "${go}" ]; do sleep 0.05; done`,
  );
  await until(() => exists(began));
  const events = client.watchExecution({ id })[Symbol.asyncIterator]();
  await events.next();
  const watched = (async () => {
    while (!(await events.next()).done) { /* to its end */ }
  })().then(() => "ended", (error) => toStigmerError(error).code);
  program.kill("SIGTERM");
  await program.said(/Draining on SIGTERM: 1 execution may take 30 s/);
  assert.ok(program.heard().includes(`executions=${id}`), program.heard());
  const ready = await get(socket, "/readyz");
  assert.equal(ready.status, 503);
  assert.match(await ready.text(), /shutting down/);
  assert.equal((await get(socket, "/healthz")).status, 200);
  assert.equal(await watched, "UNAVAILABLE");
  await Deno.writeTextFile(go, "");
  const { code, stderr } = await program.ended;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Drained/);
  await using local = await openBackend({ home: place.home, execute: "none" });
  assert.equal(await phaseOf(local.client, id), Phase.COMPLETED);
});

Deno.test("what has not ended in time goes on after the next start", async () => {
  await using place = await createPlace();
  const first = await serve(place, "--drain", "100ms");
  const id = await runEndless(first.endpoint, place);
  first.program.kill("SIGTERM");
  const { code, stderr } = await first.program.ended;
  assert.equal(code, 0);
  assert.match(stderr, /Drained; 1 execution did not end in time/);
  await goesOn(place, id);
});

Deno.test("what a killed server ran goes on after the next start", async () => {
  await using place = await createPlace();
  const first = await serve(place);
  const id = await runEndless(first.endpoint, place);
  first.program.kill("SIGKILL");
  await first.program.ended;
  // It left its socket, which is nobody's now.
  assert.ok((await Deno.stat(first.socket)).isSocket);
  await goesOn(place, id);
});

Deno.test("a second signal ends a server at once", async () => {
  await using place = await createPlace();
  const { program, endpoint } = await serve(place);
  await runEndless(endpoint, place);
  program.kill("SIGTERM");
  await program.said("Draining");
  program.kill("SIGINT");
  assert.equal((await program.ended).code, 130);
});

Deno.test("two servers cannot have one socket", async () => {
  await using place = await createPlace();
  const { program, endpoint, socket } = await serve(place);
  const second = await place.run(["server", "--listen", endpoint]);
  assert.equal(second.code, 5);
  assert.match(second.stderr, /another server listens there/);
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0);
  await assert.rejects(Deno.stat(socket), Deno.errors.NotFound);
});

/** Starts what ends only when it is started a second time. */
async function runEndless(endpoint: string, place: Place): Promise<string> {
  const began = `${place.folder}/began`;
  await using backend = await openBackend({ cloud: { endpoint } });
  const id = await runShell(
    backend.client,
    `if [ -e "${began}" ]; then exit 0; fi; touch "${began}"; sleep 600`,
  );
  await until(() => exists(began));
  return id;
}

async function goesOn(place: Place, id: string): Promise<void> {
  const { program, endpoint } = await serve(place);
  {
    await using backend = await openBackend({ cloud: { endpoint } });
    await until(async () =>
      await phaseOf(backend.client, id) === Phase.COMPLETED
    );
  }
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0);
}

async function exists(path: string): Promise<true | undefined> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return undefined;
  }
}
