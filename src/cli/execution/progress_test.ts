import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { timestampFromMs, ValueSchema } from "@bufbuild/protobuf/wkt";
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import {
  type ExecutionEvent,
  ExecutionEvent_Type as Type,
  ExecutionEventSchema,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { Screen } from "../../../tests/cli/screen.ts";
import { fakeContext } from "../fake_context.ts";
import { listenForInterrupts, SECOND_THOUGHT_MS } from "./interrupts.ts";
import { createLiveText } from "./live_text.ts";
import { createProgress, jsonOf } from "./progress.ts";

const START_MS = Date.UTC(2026, 0, 1);

function event(
  type: Type,
  name: string,
  more: {
    atMs?: number;
    data?: JsonValue;
    sequence?: number;
    detail?: string;
    title?: string;
  } = {},
): ExecutionEvent {
  return create(ExecutionEventSchema, {
    type,
    name,
    path: name === "" ? "" : `/do/0/${name}`,
    sequence: more.sequence ?? 1,
    time: timestampFromMs(START_MS + (more.atMs ?? 0)),
    ...(more.detail === undefined ? {} : { error: { detail: more.detail } }),
    ...(more.title === undefined ? {} : { error: { title: more.title } }),
    ...(more.data === undefined
      ? {}
      : { data: fromJson(ValueSchema, more.data) }),
  });
}

/** What a person sees of all that was written to a terminal. */
function seen(text: string, columns = 80): string {
  const screen = new Screen(columns, 24);
  screen.write(text.replaceAll(/(?<!\r)\n/g, "\r\n"));
  return screen.all;
}

Deno.test("progress in a pipe is silent for a second, then tells all in plain lines", async () => {
  const context = await fakeContext("");
  using progress = await createProgress(context);
  const { clock, terminal } = context.host;
  progress.take(event(Type.TASK_STARTED, "quick"));
  progress.take(event(Type.TASK_COMPLETED, "quick", { atMs: 10 }));
  progress.take(event(Type.TASK_STARTED, "fetch", { atMs: 20 }));
  clock.advance(999);
  strictEqual(terminal.text("stderr"), "");
  clock.advance(1);
  progress.take(event(Type.TASK_COMPLETED, "fetch", { atMs: 1520 }));
  progress.take(
    event(Type.EXECUTION_WAITING, "", { data: { waitingFor: "a timer" } }),
  );
  strictEqual(
    terminal.text("stderr"),
    "quick started\nquick completed in 10 ms\nfetch started\n" +
      "fetch completed in 1.5 s\nWaiting for a timer\n",
  );
  strictEqual(terminal.text("stdout"), "");
});

Deno.test("progress in a pipe says what it leaves out of a run that begins with much", async () => {
  const context = await fakeContext("");
  using progress = await createProgress(context);
  const { clock, terminal } = context.host;
  for (let i = 1; i <= 1002; i++) {
    progress.take(event(Type.TASK_STARTED, `turn ${i}`));
  }
  clock.advance(1000);
  progress.take(event(Type.TASK_STARTED, "turn 1003"));
  const lines = terminal.text("stderr").split("\n");
  deepStrictEqual([lines.length, ...lines.slice(0, 2), ...lines.slice(-3)], [
    1003,
    "2 lines before these are left out",
    "turn 3 started",
    "turn 1002 started",
    "turn 1003 started",
    "",
  ]);
});

Deno.test("progress says no more that it waits for what was answered here", async () => {
  const context = await fakeContext("", { columns: 80 });
  using progress = await createProgress(context);
  const { clock, terminal } = context.host;
  const data = { waitingFor: "approval of send()" };
  progress.take(event(Type.EXECUTION_WAITING, "", { data }));
  clock.advance(1000);
  match(
    seen(terminal.text("stderr")),
    /^. Waiting for approval of send\(\) · 1\.0 s$/,
  );
  progress.answered();
  clock.advance(100);
  match(seen(terminal.text("stderr")), /^. Pending · 1\.1 s$/);
});

Deno.test("progress in a pipe names the execution of a sub-agent, and how it ended", async () => {
  const context = await fakeContext("");
  using progress = await createProgress(context);
  const { clock, terminal } = context.host;
  clock.advance(1000);
  const started = (name: string, id: string): ExecutionEvent => ({
    ...event(Type.CHILD_STARTED, name, { data: { executionId: id } }),
    path: `/turn/1/tool/${name}`,
  });
  const ended = (name: string, data: JsonValue): ExecutionEvent => ({
    ...event(Type.TASK_COMPLETED, name, { atMs: 1200, data }),
    path: `/turn/1/tool/${name}`,
  });
  progress.take(started("agent_writer", "aex-1"));
  progress.take(started("agent_critic", "aex-2"));
  progress.take(ended("agent_writer", { phase: "COMPLETED", output: "x" }));
  progress.take(
    ended("agent_critic", {
      phase: "CANCELLED",
      failure: { detail: "Cancelled: not needed" },
    }),
  );
  progress.take(ended("s_read", { text: "Access denied", isError: true }));
  progress.take(ended("s_write", { text: "done", isError: false }));
  strictEqual(
    terminal.text("stderr"),
    "agent_writer started (aex-1)\nagent_critic started (aex-2)\n" +
      "agent_writer completed in 1.2 s\n" +
      "agent_critic failed: Cancelled: not needed\n" +
      "s_read failed: Access denied\ns_write completed\n",
  );
});

Deno.test("progress in a pipe says what is waited for, and which events are taken", async () => {
  const context = await fakeContext("");
  using progress = await createProgress(context);
  const { clock, terminal } = context.host;
  progress.take(event(Type.EXECUTION_STARTED, ""));
  progress.take(
    event(Type.EXECUTION_WAITING, "", { data: { waitingFor: "event a.b" } }),
  );
  clock.advance(1000);
  progress.take(event(Type.EVENT_RECEIVED, "hear", { data: { type: "a.b" } }));
  strictEqual(
    terminal.text("stderr"),
    "Running\nWaiting for event a.b\nhear took an event a.b\n",
  );
});

Deno.test("progress in a pipe says once what is waited for", async () => {
  const context = await fakeContext("");
  using progress = await createProgress(context);
  const { clock, terminal } = context.host;
  const waits = (text: string) =>
    progress.take(
      event(Type.EXECUTION_WAITING, "", { data: { waitingFor: text } }),
    );
  progress.take(event(Type.EXECUTION_STARTED, ""));
  waits("event a.b");
  clock.advance(1000);
  progress.take(event(Type.EXECUTION_STARTED, ""));
  waits("event a.b");
  waits("event a.c");
  strictEqual(
    terminal.text("stderr"),
    "Running\nWaiting for event a.b\nWaiting for event a.c\n",
  );
});

Deno.test("progress says that a task is tried again, also while the run waits for it", async () => {
  for (const columns of [undefined, 80]) {
    const context = await fakeContext(
      "--color never",
      columns === undefined ? {} : { columns },
    );
    using progress = await createProgress(context);
    const { clock, terminal } = context.host;
    progress.take(event(Type.EXECUTION_STARTED, ""));
    progress.take(event(Type.TASK_STARTED, "get"));
    progress.take(event(Type.TASK_FAILED, "get"));
    progress.take(event(Type.TASK_RETRYING, "t", { detail: "no answer" }));
    progress.take(
      event(Type.EXECUTION_WAITING, "", { data: { waitingFor: "timer" } }),
    );
    clock.advance(1000);
    match(
      terminal.text("stderr"),
      columns
        ? /t failed, trying again: no answer/
        : /\nt failed and is tried again: no answer\nWaiting for timer\n$/,
    );
    progress.take(event(Type.TASK_STARTED, "get"));
    clock.advance(100);
    match(
      columns ? seen(terminal.text("stderr")) : terminal.text("stderr"),
      columns ? /^. get · 1\.1 s$/ : /get started\n$/,
    );
  }
});

Deno.test("progress tells the title of a failure that has nothing else", async () => {
  const context = await fakeContext("--color never");
  using progress = await createProgress(context);
  const error = { title: "not yet" };
  progress.take(event(Type.TASK_FAILED, "check", error));
  progress.take(event(Type.TASK_RETRYING, "fetch", error));
  context.host.clock.advance(1000);
  match(
    context.host.terminal.text("stderr"),
    /check failed: not yet\nfetch failed and is tried again: not yet\n$/,
  );
});

Deno.test("progress on a terminal draws one line over and over", async () => {
  const context = await fakeContext("--color never", { columns: 40 });
  const progress = await createProgress(context);
  const { clock, terminal } = context.host;
  progress.take(event(Type.TASK_STARTED, "fetch"));
  clock.advance(999);
  strictEqual(terminal.text("stderr"), "");
  clock.advance(1);
  strictEqual(seen(terminal.text("stderr")), "⠋ fetch · 1.0 s");
  progress.take(event(Type.TASK_STARTED, "other"));
  clock.advance(100);
  strictEqual(seen(terminal.text("stderr")), "⠙ fetch, other · 1.1 s");
  progress[Symbol.dispose]();
  strictEqual(seen(terminal.text("stderr")), "");
  const before = terminal.text("stderr");
  clock.advance(1000);
  strictEqual(terminal.text("stderr"), before);
});

Deno.test("progress says Running only of what runs, and nothing of what is cancelled here", async () => {
  const context = await fakeContext("");
  using progress = await createProgress(context);
  const { clock, terminal } = context.host;
  clock.advance(1000);
  strictEqual(terminal.text("stderr"), "");
  progress.take(event(Type.EXECUTION_STARTED, ""));
  strictEqual(terminal.text("stderr"), "Running\n");
  progress.cancelling();
  progress.take(event(Type.EXECUTION_CANCEL_REQUESTED, ""));
  progress.take(event(Type.TASK_CANCELLED, "fetch"));
  strictEqual(terminal.text("stderr"), "Running\n");
});

Deno.test("progress says nothing when it shall be quiet", async () => {
  const context = await fakeContext("-q", { columns: 40 });
  using progress = await createProgress(context);
  progress.take(event(Type.TASK_STARTED, "fetch"));
  context.host.clock.advance(5000);
  strictEqual(context.host.terminal.text("stderr"), "");
});

Deno.test("an agent's text appears live on a terminal, and not in a pipe", async () => {
  const terminal = await fakeContext("", { columns: 80 });
  const pipe = await fakeContext("");
  for (const context of [terminal, pipe]) {
    using progress = await createProgress(context);
    const text = createLiveText(context, progress);
    const delta = (name: string, data: string): void =>
      text.take(event(Type.TEXT_DELTA, name, { data, sequence: 0 }));
    delta("1", "Let me ");
    delta("1", "look.\x1b[2J");
    delta("2", "It is ");
    delta("2", "so.");
    const isTerminal = context === terminal;
    strictEqual(text.finish("It is so."), isTerminal);
    strictEqual(text.finish("Something else"), false);
    match(
      context.host.terminal.text("stdout"),
      isTerminal ? /^Let me look\.\[2J\nIt is so\.\n/ : /^$/,
    );
  }
});

Deno.test("Ctrl-C cancels after a second thought; SIGTERM and a second one leave", async () => {
  const check = async (
    act: (host: Awaited<ReturnType<typeof fakeContext>>["host"]) => void,
    expected: readonly string[],
    type: "local" | "cloud" = "local",
  ): Promise<void> => {
    const context = await fakeContext("");
    const done: string[] = [];
    using _listening = listenForInterrupts(context, {
      id: "wex-1",
      type,
      begin: () => {},
      rest: () => {},
      cancel: () => done.push("cancel"),
      leave: () => done.push("leave"),
    });
    act(context.host);
    deepStrictEqual(done, expected);
    const said = context.host.terminal.text("stderr");
    strictEqual(said.split("Cancelling").length <= 2, true, said);
    if (!expected.includes("leave")) return;
    // A server goes on with it, and would refuse to have it resumed.
    match(said, type === "local" ? /execution resume wex-1/ : /watch wex-1/);
    strictEqual(/resume/.test(said), type === "local", said);
  };
  await check((host) => host.terminal.interrupt(), []);
  await check((host) => {
    host.terminal.interrupt();
    host.clock.advance(SECOND_THOUGHT_MS);
  }, ["cancel"]);
  await check((host) => {
    host.terminal.interrupt();
    host.terminal.interrupt();
    host.clock.advance(SECOND_THOUGHT_MS);
  }, ["leave"]);
  await check((host) => host.terminal.interrupt("SIGTERM"), ["leave"]);
  await check(
    (host) => {
      host.terminal.interrupt();
      host.terminal.interrupt();
    },
    ["leave"],
    "cloud",
  );
  await check((host) => {
    host.terminal.interrupt();
    host.clock.advance(SECOND_THOUGHT_MS);
    host.terminal.interrupt();
  }, ["cancel", "leave"]);
});

Deno.test("jsonOf() reads every JSON value", () => {
  for (const data of [null, true, 1.5, "a", [1, [null]], { a: { b: [] } }]) {
    deepStrictEqual(jsonOf(event(Type.TASK_COMPLETED, "a", { data })), data);
  }
});

Deno.test("the drawn line never takes the place of text that is not at its end", async () => {
  const context = await fakeContext("--color never", { columns: 40 });
  const { clock, terminal } = context.host;
  using progress = await createProgress(context);
  const text = createLiveText(context, progress);
  clock.advance(1000);
  text.take(event(Type.TEXT_DELTA, "1", { data: "so far", sequence: 0 }));
  const before = terminal.text("stderr");
  strictEqual(seen(before), "");
  clock.advance(500);
  strictEqual(terminal.text("stderr"), before);
  text.take(event(Type.TASK_STARTED, "tool"));
  progress.take(event(Type.TASK_STARTED, "tool"));
  clock.advance(100);
  strictEqual(terminal.text("stdout"), "so far\n");
  match(seen(terminal.text("stderr")), /^. tool · 1\.6 s$/);
});

Deno.test("nothing is drawn over a question while tasks begin", async () => {
  const context = await fakeContext("--color never", { columns: 40 });
  const { clock, terminal } = context.host;
  using progress = await createProgress(context);
  const text = createLiveText(context, progress);
  text.take(event(Type.TEXT_DELTA, "1", { data: "so far", sequence: 0 }));
  text.rest();
  progress.hold(true);
  text.take(event(Type.TASK_STARTED, "tool", { atMs: 5 }));
  progress.take(event(Type.TASK_STARTED, "tool", { atMs: 5 }));
  clock.advance(5000);
  strictEqual(terminal.text("stderr"), "");
  progress.hold(false);
  clock.advance(100);
  match(seen(terminal.text("stderr")), /tool/);
});
