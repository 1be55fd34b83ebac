import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  ExecutionError,
  openBackend,
  serve,
  valueOf,
  workflow,
} from "../../src/sdk/mod.ts";
import { createPlace, type Place } from "../cli/program.ts";
import { startServing } from "../faults/server_process.ts";
import { until } from "../until.ts";
import { orderFlow } from "./serve_flow.ts";

const PROGRAM = fileURLToPath(new URL("./serve_flow.ts", import.meta.url));

/** The program that serves the workflow, as a process. */
interface Serving extends AsyncDisposable {
  readonly pid: number;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

function startProgram(place: Place): Serving {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", PROGRAM, place.home, ledgerOf(place)],
    env: { STIGMER_KEY_SOURCE: "key-file" },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  const kill = async (): Promise<void> => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It ended by itself.
    }
    await child.status;
  };
  return { pid: child.pid, kill, [Symbol.asyncDispose]: kill };
}

const ledgerOf = ({ folder }: Place): string => `${folder}/ledger.txt`;

Deno.test("what serves a workflow beside a server runs what others start over it, also after a kill", async () => {
  await using place = await createPlace();
  await using server = await startServing(place);
  const cloud = { endpoint: server.endpoint };
  await using backend = await openBackend({ cloud });
  const { client } = backend;
  await using first = startProgram(place);
  await until(async () => {
    const { workflows } = await client.listWorkflows({});
    return workflows.length > 0;
  });
  const flow = orderFlow("/dev/null/nothing is done here");
  const running = flow.run({ name: "Ada" }, { cloud, id: "order-1" });
  const id = await until(async () => {
    const { executions } = await client.listExecutions({});
    const waits = executions.find(({ status }) =>
      status?.waitingFor === 'signal "approve"'
    );
    return waits?.metadata?.id;
  });
  await first.kill();
  const payload = valueOf({ by: "Grace" });
  await client.signalExecution({ id, name: "approve", payload });
  await using second = startProgram(place);
  const done = { name: "Ada", by: "Grace", pid: second.pid };
  assert.deepEqual(await running, { id, output: done });
  const ledger = await Deno.readTextFile(ledgerOf(place));
  assert.deepEqual(ledger.trim().split("\n"), ["book", "send"]);
  // The same id is the same execution, over a backend that is open as well.
  const again = await flow.execute({ name: "Ada" }, { backend, id: "order-1" });
  assert.deepEqual(again, done);
  await assert.rejects(
    flow.execute({ name: "" }, { cloud }),
    (error: Error) =>
      error instanceof ExecutionError && error.message === "Nobody ordered it",
  );
});

Deno.test("a server says what it has not, and who cannot serve on it", async () => {
  await using place = await createPlace();
  await using server = await startServing(place);
  const cloud = { endpoint: server.endpoint };
  const flow = workflow("nobody").task("run", () => 1);
  await assert.rejects(
    flow.execute({}, { cloud }),
    /Cannot execute workflow "nobody" on "http:[^"]+": nobody has served it there/,
  );
  await using backend = await openBackend({ cloud });
  await assert.rejects(
    serve([flow], { backend }),
    /Cannot serve durable functions on "http:[^"]+": their program must be beside/,
  );
  const stop = AbortSignal.timeout(1);
  await assert.rejects(flow.execute({}, { backend, signal: stop }));
});
