import assert from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import {
  assertGone,
  PATIENCE_MS,
  setUp,
} from "../../tests/servers/stdio_scene.ts";

Deno.test("a server keeps its state between calls and ends with its hub", async () => {
  await using setup = await setUp("good");
  assert.equal(await setup.call("count"), "1");
  assert.equal(await setup.call("count"), "2");
  const tools = await setup.hub.tools([setup.server], setup.scope);
  assert.deepEqual(
    tools.map((tool) => [tool.name, tool.repeatable]),
    [["test_echo", true], ["test_count", false], ["test_fail", false], [
      "test_act",
      false,
    ]],
  );
  assert.equal(setup.logged("started").length, 1);
  await setup.hub.close();
  await assertGone(setup.logged("started")[0]);
});

Deno.test("calls at once share one server", async () => {
  await using setup = await setUp("good");
  const texts = ["a", "b", "c", "d"];
  const echoes = await Promise.all(texts.map((it) => setup.call("echo", it)));
  assert.deepEqual(echoes, texts.map((it) => `echo: ${it}`));
  assert.equal(setup.logged("started").length, 1);
});

Deno.test("a tool that fails by itself gives an error result", async () => {
  await using setup = await setUp("good");
  assert.equal(await setup.call("fail"), "error: it failed on purpose");
});

Deno.test("a server sees what it was given and nothing else", async () => {
  Deno.env.set("STIGMER_TEST_LEAK", "leaked");
  try {
    await using setup = await setUp("env");
    const env = JSON.parse(await setup.call("echo"));
    assert.equal(env["MY_TOKEN"], "Bearer s3cret");
    assert.equal(env["STIGMER_TEST_LEAK"], undefined);
    assert.equal(env["PATH"], Deno.env.get("PATH"));
  } finally {
    Deno.env.delete("STIGMER_TEST_LEAK");
  }
});

const SECRET = "s3cret-of-some-length";
const SECRETS = {
  names: ["TOKEN", "OTHER"],
  open: (names: readonly string[]) =>
    Promise.resolve(Object.fromEntries(names.map((it) => [it, SECRET]))),
  hide: (text: string) => text.replaceAll(SECRET, "***"),
};

Deno.test("a server is given a secret by its environment alone", async () => {
  await using setup = await setUp("env");
  const scope = { ...setup.scope, variables: {}, secrets: SECRETS };
  const call = {
    server: setup.server,
    tool: "echo",
    arguments: {},
    idempotencyKey: "key",
    timeoutMs: PATIENCE_MS,
  };
  const { text } = await setup.hub.call(call, scope);
  const env = JSON.parse(text);
  assert.equal(env["MY_TOKEN"], `Bearer ${SECRET}`);
  assert.equal(env["OTHER"], undefined);
  if (Deno.build.os !== "linux") return;
  const [pid = ""] = setup.logged("started");
  const argv = await Deno.readTextFile(`/proc/${pid}/cmdline`);
  assert.match(argv, /tool_server/);
  assert.ok(!argv.includes(SECRET));
});

Deno.test("an excerpt of a server's stderr holds no half of a secret", async () => {
  await using setup = await setUp("spill");
  const scope = { ...setup.scope, secrets: SECRETS, variables: {} };
  await assert.rejects(
    setup.hub.tools([setup.server], scope),
    (error: Error) => {
      assert.match(error.message, /its stderr ends in:\n.*\*{3}\.{3990}$/);
      assert.ok(!error.message.includes("length"));
      return true;
    },
  );
});

Deno.test("a server that tells a long secret again and again tells none of it on", async () => {
  await using setup = await setUp("spill-much");
  const secret = "s3cret-piece-".repeat(1500);
  const secrets = {
    ...SECRETS,
    open: () => Promise.resolve({ TOKEN: secret }),
    hide: (text: string) => text.replaceAll(secret, "***"),
  };
  await assert.rejects(
    setup.hub.tools([setup.server], { ...setup.scope, secrets, variables: {} }),
    (error: Error) => {
      assert.match(error.message, /its stderr ends in:\n.*and no more$/s);
      assert.match(error.message, /it wrote .*, which is no message/);
      assert.ok(!error.message.includes("piece"), error.message);
      return true;
    },
  );
});

Deno.test("a line that a server says holds no half of a secret where it is cut", async () => {
  await using setup = await setUp("straddle");
  const lines: string[] = [];
  const call = {
    server: setup.server,
    tool: "echo",
    arguments: {},
    idempotencyKey: "key",
    timeoutMs: PATIENCE_MS,
    onProgress: (line: string) => void lines.push(line),
  };
  const scope = { ...setup.scope, variables: {}, secrets: SECRETS };
  await assert.rejects(setup.hub.call(call, scope), (error: Error) => {
    assert.match(error.message, /it logged:\nerror: \.{490}Bearer \*\*\*$/);
    return true;
  });
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /^1 \.{490}Bearer \*$/);
});

Deno.test("a missing variable is named before anything starts", async () => {
  await using setup = await setUp("good");
  const scope = { ...setup.scope, variables: {} };
  await assert.rejects(
    setup.hub.tools([setup.server], scope),
    /variable "TOKEN" of tool server "test" MY_TOKEN is missing, .*--var TOKEN/,
  );
});

Deno.test("a line of 5 MB arrives whole", async () => {
  await using setup = await setUp("big");
  assert.equal((await setup.call("echo")).length, 5 * 1024 * 1024);
});

Deno.test("a server that writes a word beside its messages still works", async () => {
  await using setup = await setUp("noise");
  assert.equal(await setup.call("echo", "x"), "echo: x");
});

interface BadCase {
  readonly mode: string;
  readonly message: RegExp;
  readonly code: string;
  readonly timeoutMs?: number;
}

const BAD_CASES: readonly BadCase[] = [
  {
    mode: "crash",
    message:
      /Cannot call "echo" of tool server "test": it ended with exit code 3; its stderr ends in:\na disk is on fire/,
    code: "UNAVAILABLE",
  },
  {
    mode: "crash-at-start",
    message:
      /Cannot start tool server "test": it ended with exit code 7; its stderr ends in:\nno configuration found/,
    code: "UNAVAILABLE",
  },
  {
    mode: "hang",
    message: /it did not answer within 0.3 s/,
    code: "DEADLINE_EXCEEDED",
    timeoutMs: 300,
  },
  {
    mode: "garbage",
    message:
      /it wrote 100 lines that are no messages; it wrote "<html>no message<\/html>"/,
    code: "UNAVAILABLE",
  },
];

for (const { mode, message, code, timeoutMs } of BAD_CASES) {
  Deno.test(`a server in mode ${mode} gives a clear error and leaves no process`, async () => {
    await using setup = await setUp(mode);
    await assert.rejects(
      setup.call("echo", "x", timeoutMs),
      (error) => {
        assert(error instanceof StigmerError);
        assert.match(error.message, message);
        assert.equal(error.code, code);
        return true;
      },
    );
    await assertGone(setup.logged("started")[0]);
  });
}

Deno.test("a call in flight is told when its server is ended for another call's sake", async () => {
  await using setup = await setUp("hang");
  const sibling = assert.rejects(
    setup.call("count"),
    /Cannot call "count" .*: it was ended because call "echo" timed out$/,
  );
  await setup.until("call count");
  await assert.rejects(
    setup.call("echo", "x", 300),
    /it did not answer within 0.3 s/,
  );
  await sibling;
});

Deno.test("a server that never answers its start is given up", async () => {
  await using setup = await setUp("silent", 500);
  await assert.rejects(setup.call("echo"), /Cannot start .*it did not answer/);
  await assertGone(setup.logged("started")[0]);
});

Deno.test("a server that crashed is started again, but not for ever", async () => {
  await using setup = await setUp("crash");
  for (let i = 0; i < 5; i++) {
    await assert.rejects(setup.call("echo"), /exit code 3/);
  }
  await assert.rejects(setup.call("echo"), /it ended 5 times already/);
  assert.equal(setup.logged("started").length, 5);
});

Deno.test("tools are listed as they were while a call starts their server again in vain", async () => {
  await using setup = await setUp("once");
  const list = async (): Promise<string[]> =>
    (await setup.hub.tools([setup.server], setup.scope)).map((it) => it.tool);
  const first = await list();
  await assert.rejects(setup.call("echo"), /it ended with exit code 3/);
  const again = assert.rejects(setup.call("echo"), /it ended with exit code 7/);
  await setup.until("started again");
  assert.deepEqual(await list(), first);
  await again;
});

Deno.test("a call is left at once when aborted, and its server told", async () => {
  await using setup = await setUp("hang");
  const calling = setup.call("echo", "x");
  await setup.until("call echo");
  setup.stop.abort(new Error("enough"));
  await assert.rejects(calling, /enough/);
  await setup.until("notified notifications/cancelled");
  await setup.hub.close();
  await assertGone(setup.logged("started")[0]);
});

Deno.test("for who has left already no server is started, and nobody hears of it later", async () => {
  await using setup = await setUp("good");
  const { hub, server, scope, stop } = setup;
  stop.abort(new Error("left"));
  await assert.rejects(hub.tools([server], scope), /left/);
  await assert.rejects(setup.call("echo"), /left/);
  await hub.close();
  // What is rejected with nobody to hear it is told by now.
  await new Promise((resolve) => setTimeout(resolve));
  assert.throws(() => setup.logged("started"), Deno.errors.NotFound);
});

Deno.test("a hub that closes while a server starts leaves no process", async () => {
  await using setup = await setUp("silent");
  const starting = assert.rejects(setup.call("echo"));
  await setup.until("started");
  await setup.hub.close();
  await starting;
  await assertGone(setup.logged("started")[0]);
});

const POSIX = Deno.build.os !== "windows";

Deno.test({
  name: "a server that ignores SIGTERM is killed after the grace",
  ignore: !POSIX,
  async fn() {
    await using setup = await setUp("ignore-sigterm");
    assert.equal(await setup.call("echo", "x"), "echo: x");
    await setup.hub.close();
    await assertGone(setup.logged("started")[0]);
  },
});

Deno.test({
  name: "what a server started in turn is ended with it",
  ignore: !POSIX,
  async fn() {
    await using setup = await setUp("fork");
    assert.equal(await setup.call("echo", "x"), "echo: x");
    await setup.hub.close();
    await assertGone(setup.logged("forked")[0]);
    await assertGone(setup.logged("started")[0]);
  },
});

Deno.test("a program that is not there is named", async () => {
  await using setup = await setUp("good");
  const transport = {
    kind: "stdio",
    command: "no-such-program",
    args: [],
    env: {},
    cwd: "",
  } as const;
  await assert.rejects(
    setup.hub.tools([{ ...setup.server, transport }], setup.scope),
    /Cannot start tool server "test": there is no program "no-such-program" on PATH/,
  );
});

Deno.test("a tool that is enabled but not there is named", async () => {
  await using setup = await setUp("good");
  const server = { ...setup.server, enabledTools: ["echo", "ecko"] };
  await assert.rejects(
    setup.hub.tools([server], setup.scope),
    /Cannot use tool "ecko" of tool server "test": did you mean "echo"$/,
  );
});

Deno.test("a tool that its server does not list is not called: nobody can say what it is", async () => {
  await using setup = await setUp("good");
  await assert.rejects(setup.call("hidden"), (error) => {
    assert(error instanceof StigmerError);
    assert.equal(error.code, "FAILED_PRECONDITION");
    assert.equal(
      error.message,
      'Cannot call "hidden" of tool server "test": it lists no such tool now',
    );
    return true;
  });
  // The server goes on for the others.
  assert.equal(await setup.call("echo", "x"), "echo: x");
  assert.equal(setup.logged("started").length, 1);
});

Deno.test("only enabled tools are listed", async () => {
  await using setup = await setUp("good");
  const server = { ...setup.server, enabledTools: ["count"] };
  const tools = await setup.hub.tools([server], setup.scope);
  assert.deepEqual(tools.map((tool) => tool.tool), ["count"]);
});
