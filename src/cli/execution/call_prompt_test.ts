import { create } from "@bufbuild/protobuf";
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { ToolCallQuestionSchema } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { type FakeContext, fakeContext } from "../fake_context.ts";
import { askAboutCall, type Said } from "./call_prompt.ts";

const SEEN_MS = 250;
const NONE = "press a letter";
const PASTED_A = "\x1b[200~a\x1b[201~";
const UP = "\x1b[A";
const LONG = Array.from({ length: 60 }, (_, i) => `line ${i}`).join("\n");

/** What is typed, and how long after what was typed before. */
interface Typed {
  readonly keys: string;
  readonly afterMs?: number;
}

/** Asks about a call while somebody types; `undefined` ends what is typed. */
async function asked(
  typed: readonly Typed[],
  options: {
    readonly content?: string;
    readonly abortAfter?: number;
    readonly others?: number;
  } = {},
): Promise<{ readonly said: Said; readonly shown: string }> {
  const made = await fakeContext("--color never", { columns: 80 });
  const stop = new AbortController();
  const rest = [...typed];
  let reads = 0;
  const read = (): Promise<Uint8Array | undefined> => {
    const next = rest.shift();
    if (reads++ === options.abortAfter) stop.abort();
    made.host.clock.advance(next?.afterMs ?? SEEN_MS);
    return Promise.resolve(
      next === undefined ? undefined : new TextEncoder().encode(next.keys),
    );
  };
  const terminal: FakeContext["host"]["terminal"] = {
    ...made.host.terminal,
    withKeys: (work) => work(read),
  };
  const context = { ...made, host: { ...made.host, terminal } };
  const toolCall = create(ToolCallQuestionSchema, {
    server: "files",
    tool: "write",
    effect: "write",
    rule: "default: it changes something",
    arguments: { content: options.content ?? "a" },
  });
  const call = {
    id: "aex-1",
    path: "/turn/1/tool/x",
    name: "files_write",
    toolCall,
    agent: "",
    via: [],
  };
  const said = await askAboutCall(context, call, {
    others: options.others ?? 0,
    signal: stop.signal,
  });
  return { said, shown: terminal.text("stderr") };
}

function answer(
  outcome: string,
  more: { readonly always?: boolean; readonly reason?: string } = {},
): unknown {
  return { kind: "answer", outcome, always: false, reason: "", ...more };
}

Deno.test("askAboutCall() takes one key, and nothing that is none", async () => {
  const cases: readonly (readonly [readonly Typed[], unknown])[] = [
    [[{ keys: "a" }], answer("approve")],
    [[{ keys: "y" }], answer("approve")],
    [[{ keys: "A" }], answer("approve", { always: true })],
    [[{ keys: "s" }], answer("skip")],
    [[{ keys: "d" }], { kind: "later" }],
    [[{ keys: "\x03" }], { kind: "left" }],
    [[{ keys: "\x04" }], { kind: "left" }],
    [[], { kind: "left" }],
    // Who types ahead did not see the question; Ctrl-C counts at once.
    [[{ keys: "a", afterMs: SEEN_MS - 1 }, { keys: "s" }], answer("skip")],
    [[{ keys: "\x03", afterMs: 0 }], { kind: "left" }],
    // Other keys, words of several letters and what is pasted are no answer.
    ...["x", "\r", " ", UP, PASTED_A, "aa", "v", "constructor"].map((keys) =>
      [[{ keys }, { keys: "s" }], answer("skip")] as const
    ),
    [[{ keys: "r" }, { keys: "\r" }], answer("reject")],
    [
      [{ keys: "r" }, { keys: " not now \r" }],
      answer("reject", { reason: "not now" }),
    ],
    [[{ keys: "r" }, { keys: "no\x03" }], { kind: "left" }],
  ];
  for (const [typed, expected] of cases) {
    const { said } = await asked(typed);
    deepStrictEqual(said, expected, JSON.stringify(typed));
  }
});

Deno.test("askAboutCall() gives up what is asked no more", async () => {
  for (
    const typed of [
      [{ keys: "a" }],
      [{ keys: "r" }, { keys: "reason\r" }],
    ]
  ) {
    const { said, shown } = await asked(typed, {
      abortAfter: typed.length - 1,
    });
    deepStrictEqual(said, { kind: "gone" }, shown);
  }
});

Deno.test("askAboutCall() shows all of a long call at v, once", async () => {
  const keys = ["v", "v", "a"].map((it) => ({ keys: it }));
  const { said, shown } = await asked(keys, { content: LONG });
  deepStrictEqual(said, answer("approve"));
  const [glance, whole, rest = ""] = shown.split(
    "Make this call of files_write?",
  );
  match(glance ?? "", /line 14\n.*\[\d+ more characters\]\n$/s);
  match(whole ?? "", /\(v\)iew all, .*all of it\n.*line 59\n$/s);
  // The key that showed it means nothing then.
  strictEqual(rest.includes("(v)iew"), false);
  match(rest, /press a letter/);
});

Deno.test("askAboutCall() says how many wait, and asks again after a key that means nothing", async () => {
  const keys = ["x", "\r", PASTED_A, "a"].map((it) => ({ keys: it }));
  const { said, shown } = await asked(keys, { others: 2 });
  deepStrictEqual(said, answer("approve"));
  match(shown, /^\[2 more waiting calls\]\nfiles_write \(/);
  const asking = shown.split("Make this call of files_write?\n(a)pprove, ");
  strictEqual(asking.length, 4);
  deepStrictEqual(
    asking.slice(1).map((it) => /waiting (.*)\n/.exec(it)?.[1]),
    [NONE, NONE, "approve"],
  );
  // Who leans on a key is not answered for ever.
  const many = Array.from({ length: 100 }, () => ({ keys: "x" }));
  const last = await asked([...many, { keys: "s" }]);
  deepStrictEqual(last.said, answer("skip"));
  strictEqual(last.shown.split("press a letter").length, 20);
});
