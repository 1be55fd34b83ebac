import assert from "node:assert/strict";
import { type FakeHost, fakeHost } from "../host/fake.ts";
import type { FakeRun } from "../host/fake_processes.ts";
import { systemHost } from "../host/system.ts";
import type {
  Activity,
  ActivityContext,
  ActivityOutcome,
} from "../model/durable.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { createShellActivity } from "./shell.ts";

const host = systemHost();
const activity = createShellActivity({ host });
const POSIX = { ignore: Deno.build.os === "windows" };

async function run(
  input: JsonObject,
  options: {
    signal?: AbortSignal;
    deltas?: string[];
    cwd?: string;
    activity?: Activity;
    hide?: (text: string) => string;
  } = {},
): Promise<ActivityOutcome> {
  const context: ActivityContext = {
    executionId: "wex-1",
    path: "/do/0/s",
    name: "s",
    attempt: 1,
    idempotencyKey: "k",
    signal: options.signal ?? new AbortController().signal,
    variables: { HIDDEN: "1" },
    workingDirectory: options.cwd ?? "/",
    emit: ({ text }) => options.deltas?.push(text),
    ...(options.hide === undefined ? {} : {
      secrets: {
        names: [],
        open: () => Promise.resolve({}),
        hide: options.hide,
      },
    }),
  };
  const { activity: run = activity } = options;
  return await run({ await: true, return: "stdout", ...input }, context);
}

function outputOf(outcome: ActivityOutcome): Json {
  assert.equal(outcome.kind, "completed", JSON.stringify(outcome));
  return outcome.kind === "completed" ? outcome.output : null;
}

function detailOf(outcome: ActivityOutcome): string {
  assert.equal(outcome.kind, "failed", JSON.stringify(outcome));
  return outcome.kind === "failed" ? outcome.failure.detail : "";
}

/** Whether some process has a text in its arguments. */
async function isRunning(text: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "args"] })
    .output();
  return new TextDecoder().decode(stdout).split("\n")
    .some((line) => line.includes(text) && !line.startsWith("ps"));
}

Deno.test("shell gives what the task asks to return", POSIX, async () => {
  const command = "echo out; echo err >&2";
  const cases: readonly [string, Json][] = [
    ["stdout", "out\n"],
    ["stderr", "err\n"],
    ["code", 0],
    ["all", { code: 0, stdout: "out\n", stderr: "err\n" }],
    ["none", null],
  ];
  for (const [what, expected] of cases) {
    assert.deepEqual(outputOf(await run({ command, return: what })), expected);
  }
});

Deno.test(
  "shell passes stdin, arguments, environment and folder, and nothing else",
  POSIX,
  async () => {
    const folder = await Deno.realPath(await Deno.makeTempDir());
    Deno.env.set("STIGMER_TEST_LEAK", "leak");
    try {
      const outcome = await run({
        command:
          'cat; echo "/$1/$2/"; echo "$GIVEN"; echo "[$STIGMER_TEST_LEAK$HIDDEN]"; pwd',
        stdin: "in\n",
        arguments: ["a b", "$(echo evil)"],
        environment: { GIVEN: 7 },
      }, { cwd: folder });
      assert.equal(
        outputOf(outcome),
        `in\n/a b/$(echo evil)/\n7\n[]\n${folder}\n`,
      );
    } finally {
      Deno.env.delete("STIGMER_TEST_LEAK");
      await Deno.remove(folder);
    }
  },
);

Deno.test(
  "shell passes an object of arguments as name=value",
  POSIX,
  async () => {
    const outcome = await run({
      command: 'printf "%s;" "$@"',
      arguments: { a: 1, flag: null },
    });
    assert.equal(outputOf(outcome), "a=1;flag;");
  },
);

Deno.test(
  "shell fails with code and error output, unless the code is asked for",
  POSIX,
  async () => {
    const command = "echo why >&2; exit 3";
    assert.equal(
      detailOf(await run({ command })),
      'Command "echo why >&2; exit 3" exited with 3: why',
    );
    assert.equal(outputOf(await run({ command, return: "code" })), 3);
  },
);

Deno.test("shell streams what comes while it runs", POSIX, async () => {
  const deltas: string[] = [];
  await run({ command: "echo one; echo two" }, { deltas });
  assert.equal(deltas.join(""), "one\ntwo\n");
});

Deno.test("shell ends the whole group when it is aborted", POSIX, async () => {
  const mark = `61.${Deno.pid}`;
  const controller = new AbortController();
  const deltas: string[] = [];
  // The child ignores a polite request, and so does the one it starts.
  const ended = run({
    command:
      `trap '' TERM; sh -c "trap '' TERM; sleep ${mark}" & echo up; wait; sleep ${mark}`,
  }, { signal: controller.signal, deltas });
  while (deltas.length === 0) await host.clock.sleep(5);
  controller.abort();
  await ended;
  assert.equal(await isRunning(mark), false);
});

Deno.test(
  "shell does not wait for what a command leaves in the background",
  POSIX,
  async () => {
    const outcome = await run({ command: "sleep 62 & echo $!" });
    const pid = Number(outputOf(outcome));
    assert.ok(pid > 1);
    Deno.kill(pid, "SIGKILL");
  },
);

Deno.test("shell returns at once when nobody waits for it", POSIX, async () => {
  const folder = await Deno.makeTempDir();
  const outcome = await run({
    command: `echo noise; echo yes > made`,
    await: false,
  }, { cwd: folder });
  assert.equal(outputOf(outcome), null);
  for (let i = 0; i < 400; i++) {
    const text = await Deno.readTextFile(`${folder}/made`).catch(() => "");
    if (text === "yes\n") break;
    await host.clock.sleep(5);
  }
  assert.equal(await Deno.readTextFile(`${folder}/made`), "yes\n");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("shell ends what writes without end", POSIX, async () => {
  assert.match(
    detailOf(await run({ command: "yes" })),
    /wrote more than 4194304 bytes/,
  );
});

Deno.test(
  "shell does not wait for who holds its input open and never reads it",
  // The write itself ends only with who holds the input.
  { ...POSIX, sanitizeOps: false, sanitizeResources: false },
  async () => {
    const outcome = await run({
      command: "exec 3<&0; sleep 60 <&3 >/dev/null 2>&1 & echo $!",
      // More than a pipe holds.
      stdin: "x".repeat(1_000_000),
    });
    const holder = Number(outputOf(outcome));
    // It throws if the holder ended, which is what must not be waited for.
    Deno.kill(holder, "SIGKILL");
  },
);

Deno.test("shell starts nothing once it is aborted", async () => {
  let startedCount = 0;
  const counting = createShellActivity({
    host: {
      ...host,
      processes: {
        ...host.processes,
        spawn(options) {
          startedCount++;
          return host.processes.spawn(options);
        },
      },
    },
  });
  const signal = AbortSignal.abort();
  for (const isAwaited of [true, false]) {
    await assert.rejects(
      run({ command: "exit 0", await: isAwaited }, {
        signal,
        activity: counting,
      }),
      { name: "AbortError" },
    );
  }
  assert.equal(startedCount, 0);
});

Deno.test(
  "an excerpt of what a command wrote holds no half of a secret",
  POSIX,
  async () => {
    const secret = "s3cret-of-some-length";
    const hide = (text: string): string => text.replaceAll(secret, "***");
    // Around where the excerpt leaves something out.
    for (const before of [175, 185, 195]) {
      const command = `printf '%0${before}d${secret}%01000d${secret}%0385d' ` +
        "0 0 0 >&2; exit 3";
      const detail = detailOf(await run({ command }, { hide }));
      assert.match(detail, /exited with 3: 0+.*…/);
      assert.ok(!/s3c|length/.test(detail.split(": ").at(-1) ?? ""), detail);
    }
  },
);

const CMD = "C:\\Windows\\System32\\cmd.exe";

/** A Windows whose `cmd.exe` says how it was started. */
function windows(): { readonly host: FakeHost; readonly runs: FakeRun[] } {
  const runs: FakeRun[] = [];
  const host = fakeHost({
    os: "windows",
    env: { SystemRoot: "C:\\Windows" },
    programs: {
      [CMD]: (run) => {
        runs.push(run);
        return { code: 0, stdout: "done" };
      },
    },
  });
  return { host, runs };
}

Deno.test("shell gives cmd.exe its line as it stands, and arguments in quotes", async () => {
  const { host, runs } = windows();
  const activity = createShellActivity({ host });
  const outcome = await run({
    command: 'echo "a b" && dir\n',
    arguments: ["c & calc", "C:\\d\\"],
    environment: { MOOD: '50% "happy"' },
    stdin: "x",
  }, { activity, cwd: "C:\\work" });
  assert.equal(outputOf(outcome), "done");
  const [started] = runs;
  assert.ok(started);
  const { command, args, isRaw, env, cwd, stdin } = started;
  assert.deepEqual({ command, args, isRaw, cwd, stdin }, {
    command: CMD,
    args: [
      "/d",
      "/e:on",
      "/v:off",
      "/s",
      "/c",
      '"echo "a b" && dir "c & calc" "C:\\d\\\\""',
    ],
    isRaw: true,
    cwd: "C:\\work",
    stdin: "x",
  });
  assert.deepEqual(env, { MOOD: '50% "happy"' });
});

Deno.test("shell refuses on Windows what cmd.exe would cut off or take for a command", async () => {
  const { host, runs } = windows();
  const activity = createShellActivity({ host });
  const cases = [
    [{ command: "echo 1\necho 2" }, /runs one line: join commands with &&/],
    [
      { command: "echo", arguments: ["a", 'b" & calc & "'] },
      /argument 2 has a double quote, .*give it in environment/,
    ],
    [{ command: "echo", arguments: ["%TOKEN%"] }, /argument 1 has/],
  ] as const;
  for (const [input, reason] of cases) {
    assert.match(detailOf(await run(input, { activity })), reason);
  }
  assert.deepEqual(runs, []);
});
