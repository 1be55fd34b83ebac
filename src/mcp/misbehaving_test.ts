import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { connect, type Connection } from "./connection.ts";
import { systemHost } from "../host/system.ts";
import {
  assertGone,
  PATIENCE_MS,
  type Setup,
  setUp,
} from "../../tests/servers/stdio_scene.ts";
import { canTellMemory } from "../../tests/memory.ts";

const FLOODED = fileURLToPath(
  new URL("../../tests/servers/flood_program.ts", import.meta.url),
);
/** What a server that writes 100 MB may make a process grow by, in MiB. */
const GROWTH_MIB_MAX = 80;

interface Case {
  readonly mode: string;
  readonly message: RegExp;
  readonly timeoutMs?: number;
}

const CASES: readonly Case[] = [
  { mode: "other-id", message: /did not answer within 0.3 s/, timeoutMs: 300 },
  { mode: "half", message: /did not answer within 0.3 s/, timeoutMs: 300 },
  { mode: "deep", message: /JSON that is nested more than 512 levels deep/ },
  { mode: "endless", message: /it lists its tools on more than 64 pages/ },
  {
    mode: "nameless",
    message:
      /its answer to tools\/list breaks the protocol: tools\[4\]\.name: /,
  },
  { mode: "ancient", message: /version is not supported: 1999-01-01/ },
  { mode: "no-result", message: /it answered with what is no result/ },
  { mode: "logs", message: /exit code 3; it logged:\nerror: the disk is full/ },
];

for (const { mode, message, timeoutMs } of CASES) {
  Deno.test(`a server in mode ${mode} gives its error and is ended`, async () => {
    await using setup = await setUp(mode);
    await assert.rejects(setup.call("echo", "x", timeoutMs), message);
    await assertGone(setup.logged("started")[0]);
  });
}

Deno.test("a list has one time for all its pages", async () => {
  const limitMs = 3000;
  await using setup = await setUp("dawdle", limitMs);
  await assert.rejects(setup.call("echo"), /it was still at it after 3 s/);
  await assertGone(setup.logged("started")[0]);
});

Deno.test("of two answers to one call the first counts", async () => {
  await using setup = await setUp("twice");
  assert.equal(await setup.call("echo"), "first");
  assert.equal(await setup.call("echo"), "first");
  assert.equal(setup.logged("started").length, 1);
});

Deno.test("an answer of 50 MB is read, and too large to keep", async () => {
  await using setup = await setUp("huge");
  assert.match(
    await setup.call("echo"),
    /^error: The tool returned 52428800 bytes, at most 16777216 can be kept/,
  );
});

Deno.test("an error of 20 MB is read, and too large to keep", async () => {
  await using setup = await setUp("wordy");
  assert.match(
    await setup.call("echo"),
    /^error: The tool returned 20971520 bytes, at most 16777216 can be kept/,
  );
});

Deno.test({
  name: "100 MB of stderr neither block a server nor are kept",
  ignore: !canTellMemory,
  async fn() {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "-A", FLOODED],
    }).output();
    assert.equal(code, 0);
    const { answer, grownMib } = JSON.parse(new TextDecoder().decode(stdout));
    assert.equal(answer, "echo: x");
    assert.ok(grownMib < GROWTH_MIB_MAX, `grew by ${grownMib} MiB`);
  },
});

Deno.test("10,000 tools are listed", async () => {
  await using setup = await setUp("many");
  const tools = await setup.hub.tools([setup.server], setup.scope);
  assert.equal(tools.length, 10_000);
});

Deno.test("keys of prototypes change nothing", async () => {
  await using setup = await setUp("proto");
  // It is data as any other.
  const text = '{"__proto__":{"isError":true}}';
  assert.equal(await setup.call("echo"), text);
  assert.equal(Object.hasOwn(Object.prototype, "isError"), false);
});

Deno.test("a server may ask for its folder, and is told what is not offered", async () => {
  await using setup = await setUp("asks");
  assert.equal(await setup.call("echo"), "echo: ");
  await setup.until("asked who/knows");
  const answer = (method: string): unknown => {
    const [line = ""] = setup.logged("asked")
      .filter((it) => it.startsWith(`${method} `));
    return JSON.parse(line.slice(method.length + 1));
  };
  const { workingDirectory } = setup.scope;
  assert.deepEqual(answer("roots/list"), {
    roots: [{ uri: `file://${workingDirectory}` }],
  });
  for (
    const method of [
      "sampling/createMessage",
      "elicitation/create",
      "who/knows",
    ]
  ) {
    assert.deepEqual(answer(method), {
      code: -32601,
      message: `Stigmer does not offer "${method}" to tool servers`,
    });
  }
});

Deno.test("a server that says that its tools changed is asked before the next turn", async () => {
  await using setup = await setUp("changing");
  const names = async (): Promise<string[]> =>
    (await setup.hub.tools([setup.server], setup.scope)).map((it) => it.tool);
  assert.deepEqual(await names(), ["echo", "count", "fail", "act"]);
  await setup.call("echo");
  assert.deepEqual(await names(), ["echo", "count", "fail", "act", "more_1"]);
  await setup.call("echo");
  const narrow = { ...setup.server, enabledTools: ["more_2"] };
  const seen = await setup.hub.tools([narrow], setup.scope);
  assert.deepEqual(seen.map((it) => it.tool), ["more_2"]);
});

async function connectTo(setup: Setup): Promise<Connection> {
  return await connect(setup.server, {
    ...setup.scope,
    host: systemHost(),
    startTimeoutMs: PATIENCE_MS,
  });
}

Deno.test("progress keeps a call alive, up to its whole time", async () => {
  await using setup = await setUp("progress");
  const lines: string[] = [];
  const call = {
    tool: "echo",
    arguments: { text: "x" },
    idempotencyKey: "key",
    signal: setup.stop.signal,
    onProgress: (line: string) => void lines.push(line),
  };
  const patient = await connectTo(setup);
  // Each step is well within what a call may say nothing, and all are not.
  const result = await patient.call({ ...call, timeoutMs: 400 });
  assert.equal(result.text, "echo: x");
  assert.deepEqual(lines, ["1", "2", "3", "4", "5", "6"]);
  await patient.close();
  const hurried = await connectTo(setup);
  await assert.rejects(
    hurried.call({ ...call, timeoutMs: 240, totalMs: 250 }),
    /it was still at it after 0.25 s/,
  );
  await setup.until("notified notifications/cancelled");
  await hurried.close();
});

Deno.test("a server that knows of no handshake is met without one", async () => {
  await using setup = await setUp("modern");
  const connection = await connectTo(setup);
  assert.equal(connection.about.protocolVersion, "2026-07-28");
  assert.equal(connection.about.instructions, "No handshakes");
  assert.equal(connection.tools.length, 4);
  const { text } = await connection.call({
    tool: "echo",
    arguments: { text: "new" },
    idempotencyKey: "key",
    signal: setup.stop.signal,
    timeoutMs: PATIENCE_MS,
  });
  assert.equal(text, "echo: new");
  await connection.close();
  const [first, second] = setup.logged("started");
  assert.equal(setup.logged("started").length, 2);
  await assertGone(first);
  await assertGone(second);
});
