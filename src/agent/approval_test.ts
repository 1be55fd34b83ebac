import assert from "node:assert/strict";
import { answerSignal } from "../model/answer.ts";
import type { Command, TaskView } from "../model/durable.ts";
import type { Json } from "../model/json.ts";
import type { RuleLayer } from "../model/permission.ts";
import { sealedReference } from "../model/sealed.ts";
import { inputOf, Run } from "./fake_run.ts";
import { PERMISSION_TYPE, REJECTED_TYPE } from "./approval.ts";
import type { AgentPlan } from "./plan.ts";

function layer(rules: Partial<RuleLayer["rules"]> = {}): RuleLayer {
  return { agent: "bot", rules: { allow: [], ask: [], deny: [], ...rules } };
}

/** The plan of a run whose tools are asked about, unless the rules say. */
function held(
  rules: Partial<RuleLayer["rules"]> = {},
  more: Partial<AgentPlan> = {},
): Partial<AgentPlan> {
  return { permissions: [layer(rules)], approval: "ask", ...more };
}

const WRITES = { effect: "write" as const };

function answer(run: Run, id: string, given: Json, turn = 1): void {
  const signal = answerSignal(`/turn/${turn}/tool/${id}`, 1);
  run.event("SIGNAL_RECEIVED", "", given);
  // Signals have a name and no path.
  const event = run.journal.at(-1);
  assert(event !== undefined);
  run.journal.pop();
  const named = { ...event, name: signal };
  run.journal.push(named);
  run.machine.apply(named);
}

function said(outcome: string, more: Record<string, Json> = {}): Json {
  return { outcome, respondedBy: "ada", ...more };
}

/** Writes what is to be recorded into the journal. */
function record(run: Run, command: Command | undefined): void {
  assert(command?.kind === "record", JSON.stringify(command));
  run.event(command.type, command.path, command.data);
}

function taskOf(run: Run, id: string): TaskView {
  const task = run.machine.tasks().find((it) => it.path.endsWith(`/${id}`));
  assert(task !== undefined, `nothing is shown of ${id}`);
  return task;
}

/** What the model is told next. */
function told(run: Run): string {
  const [command] = run.commands();
  assert.equal(command?.path, "/turn/2");
  return JSON.stringify(inputOf(command)["messages"]);
}

function rulesIn(commands: readonly Command[]) {
  return commands.map((it) => [
    it.kind,
    it.path.split("/").at(-1),
    it.kind === "run" || it.kind === "child" ? it.rule : undefined,
  ]);
}

Deno.test("a call that rules let through is made, and its start names the rule", () => {
  const run = new Run(held({ allow: ["s:t"] }));
  run.turn(1, "", [WRITES, { effect: "read" }]);
  const commands = run.commands();
  assert.deepEqual(rulesIn(commands), [
    ["run", "c1", 'allow s:t of agent "bot"'],
    ["run", "c2", 'allow s:t of agent "bot"'],
  ]);
  run.event("TASK_STARTED", "/turn/1/tool/c1", { rule: "as it was judged" });
  assert.equal(taskOf(run, "c1").rule, "as it was judged");
});

Deno.test("a run that nobody holds to rules is asked nothing", () => {
  const run = new Run();
  run.turn(1, "", [{ effect: "destructive" }]);
  assert.deepEqual(rulesIn(run.commands()), [["run", "c1", undefined]]);
});

Deno.test("a call that a rule denies is refused, and the model is told by which", () => {
  const run = new Run(held({ deny: ["s:*"] }));
  run.turn(1, "", [WRITES]);
  record(run, run.commands()[0]);
  const task = taskOf(run, "c1");
  assert.equal(task.phase, "FAILED");
  assert.equal(task.failure?.type, PERMISSION_TYPE);
  assert.equal(task.rule, 'deny s:* of agent "bot"');
  assert.match(told(run), /was refused by deny s:\* of agent \\"bot\\"/);
});

Deno.test("a call that is asked about waits, while the others of its turn go on", () => {
  const run = new Run(held());
  run.turn(1, "", [
    { ...WRITES, arguments: { path: "a.txt" } },
    { effect: "read" },
  ]);
  const [waits, goes] = run.commands();
  assert(waits?.kind === "signal");
  assert.equal(waits.name, "respond:/turn/1/tool/c1");
  assert.equal(waits.waitingFor, "approval of s_t(path=a.txt)");
  assert.equal(goes?.kind, "run");
  const task = taskOf(run, "c1");
  assert.equal(task.phase, "WAITING");
  assert.deepEqual(task.human, {
    prompt: 'Agent "bot" wants to call s_t(path=a.txt)',
    outcomes: ["approve", "reject", "skip"],
    toolCall: {
      server: "s",
      tool: "t",
      arguments: { path: "a.txt" },
      effect: "write",
      rule: "default: it changes something",
    },
  });
  assert.deepEqual(run.commands(), []);
});

Deno.test("what is secret in the arguments is hidden from who is asked", () => {
  const mark = "0123456789abcdef";
  const run = new Run(held({}, { sealMark: mark }));
  const key = sealedReference(mark, "TOKEN");
  run.turn(1, "", [{ ...WRITES, arguments: { key } }]);
  const [command] = run.commands();
  const shown = JSON.stringify([taskOf(run, "c1"), command]);
  assert(!shown.includes("TOKEN"), shown);
  assert.deepEqual(taskOf(run, "c1").human?.toolCall?.arguments, {
    key: "***",
  });
});

Deno.test("an approved call is made, and who approved it stands with the rule", () => {
  const run = new Run(held());
  run.turn(1, "", [WRITES]);
  run.commands();
  answer(run, "c1", said("approve"));
  assert.deepEqual(rulesIn(run.commands()), [
    ["run", "c1", "default: it changes something; approved by ada"],
  ]);
  const task = taskOf(run, "c1");
  assert.equal(task.phase, "RUNNING");
  assert.equal(task.human, undefined);
});

Deno.test("a rejected call is an error that gives the reason", () => {
  const run = new Run(held());
  run.turn(1, "", [WRITES]);
  run.commands();
  answer(run, "c1", said("reject", { comment: "not on a Friday" }));
  record(run, run.commands()[0]);
  assert.equal(taskOf(run, "c1").failure?.type, REJECTED_TYPE);
  assert.match(
    told(run),
    /"error-text","value":"A person rejected the call of \\"s_t\\": not on a Friday\. It was not made, do not try/,
  );
});

Deno.test("a skipped call is no error", () => {
  const run = new Run(held());
  run.turn(1, "", [WRITES]);
  run.commands();
  answer(run, "c1", said("skip"));
  record(run, run.commands()[0]);
  assert.equal(taskOf(run, "c1").phase, "SKIPPED");
  assert.equal(taskOf(run, "c1").failure, undefined);
  assert.match(told(run), /"text","value":"A person skipped the call/);
});

Deno.test("a sub-agent that is asked about may be skipped, too", () => {
  const run = new Run(held({ ask: ["agent:*"] }));
  run.turn(1, "", [{
    kind: "agent",
    server: "agent",
    tool: "helper",
    arguments: { message: "Do it" },
  }]);
  run.commands();
  answer(run, "c1", said("skip"));
  record(run, run.commands()[0]);
  assert.match(told(run), /A person skipped the call/);
});

Deno.test("an answer for always goes for what waits and for what comes", () => {
  const run = new Run(held());
  run.turn(1, "", [WRITES, WRITES, { ...WRITES, tool: "other" }]);
  assert.equal(run.commands().length, 3);
  answer(run, "c1", said("approve", { data: { always: true } }));
  const commands = run.commands();
  assert.deepEqual(rulesIn(commands), [
    ["cancel", "c2", undefined],
    [
      "run",
      "c1",
      "default: it changes something; always approved by ada",
    ],
    [
      "run",
      "c2",
      "default: it changes something; always approved in this session",
    ],
  ]);
  assert.equal(taskOf(run, "c3").phase, "WAITING");
  // A second answer to what waits no more says nothing.
  answer(run, "c2", said("reject"));
  assert.deepEqual(run.commands(), []);
  answer(run, "c3", said("skip"));
  record(run, run.commands()[0]);
  for (const id of ["c1", "c2"]) {
    run.event("TASK_COMPLETED", `/turn/1/tool/${id}`, {
      text: "ok",
      isError: false,
    });
  }
  run.turn(2, "", [WRITES, { ...WRITES, tool: "other" }]);
  assert.deepEqual(rulesIn(run.commands()).map(([kind, id]) => [kind, id]), [
    ["run", "c1"],
    ["signal", "c2"],
  ]);
});

Deno.test("what was granted before goes, but never over what is denied", () => {
  const grants = [
    { server: "s", tool: "t", outcome: "approve" as const },
    { server: "s", tool: "other", outcome: "reject" as const },
    { server: "s", tool: "bad", outcome: "approve" as const },
  ];
  const run = new Run(held({ deny: ["s:bad"] }, { grants }));
  run.turn(1, "", [
    WRITES,
    { ...WRITES, tool: "other" },
    { ...WRITES, tool: "bad" },
  ]);
  const [made, rejected, denied] = run.commands();
  assert(made?.kind === "run");
  assert.match(made.rule ?? "", /always approved in this session/);
  record(run, rejected);
  record(run, denied);
  assert.match(taskOf(run, "c2").rule ?? "", /always rejected in this session/);
  assert.equal(taskOf(run, "c3").rule, 'deny s:bad of agent "bot"');
});

for (
  const [approval, kind, rule] of [
    ["all", "run", "default: it changes something; this run approves all"],
    [
      "none",
      "record",
      "default: it changes something; this run approves none",
    ],
  ] as const
) {
  Deno.test(`a run that approves ${approval} asks nobody`, () => {
    const run = new Run(held({}, { approval }));
    run.turn(1, "", [WRITES]);
    const [command] = run.commands();
    assert.equal(command?.kind, kind);
    if (command?.kind === "record") {
      // A model is told nothing that only a person could do.
      const told = JSON.stringify(command);
      assert.match(told, /nobody is asked in this run\. It was not made/);
      assert.doesNotMatch(told, /--approve|spec\./);
      record(run, command);
    } else run.event("TASK_STARTED", "/turn/1/tool/c1", { rule });
    assert.equal(taskOf(run, "c1").rule, rule);
  });
}

Deno.test("what cannot be made anyway is asked of nobody", () => {
  const run = new Run(held());
  run.turn(1, "", [{ ...WRITES, problem: "There is no tool" }, {
    kind: "agent",
    server: "agent",
    tool: "helper",
    arguments: {},
  }]);
  assert.deepEqual(rulesIn(run.commands()).map(([kind]) => kind), [
    "record",
    "record",
  ]);
});

Deno.test("calls of a turn that a limit ends are asked of nobody", () => {
  const run = new Run(held());
  run.turn(1, "", [WRITES, WRITES, WRITES, WRITES]);
  assert.equal(run.decide().kind, "failed");
  assert.deepEqual(run.machine.tasks().map(({ path }) => path), ["/turn/1"]);
});

Deno.test("what is no answer, or comes early, leaves the call waiting", () => {
  const run = new Run(held());
  answer(run, "c1", said("approve"));
  run.turn(1, "", [WRITES]);
  assert.equal(run.commands()[0]?.kind, "signal");
  for (const given of [null, "approve", {}, { outcome: "yes" }]) {
    answer(run, "c1", given);
    // The engine has handed the signal over: it is waited for anew.
    assert.equal(run.commands()[0]?.kind, "signal");
    assert.equal(taskOf(run, "c1").phase, "WAITING");
  }
});

Deno.test("who takes a run over knows what was asked and what was answered", () => {
  const run = new Run(held());
  run.turn(1, "", [WRITES, WRITES, WRITES]);
  run.commands();
  answer(run, "c1", said("approve"));
  answer(run, "c2", said("reject"));
  const next = new Run({}, run);
  next.event("EXECUTION_STARTED", "", { epoch: 2 });
  assert.deepEqual(rulesIn(next.commands()).map(([kind, id]) => [kind, id]), [
    ["run", "c1"],
    ["record", "c2"],
    ["signal", "c3"],
  ]);
});

Deno.test("an approved call in flight at a crash is not made again", () => {
  const run = new Run(held());
  run.turn(1, "", [WRITES]);
  run.commands();
  answer(run, "c1", said("approve"));
  run.commands();
  run.event("TASK_STARTED", "/turn/1/tool/c1", { rule: "approved" });
  const next = new Run({}, run);
  next.event("EXECUTION_STARTED", "", { epoch: 2 });
  record(next, next.commands()[0]);
  assert.match(told(next), /interrupted by a crash/);
});

Deno.test("what was made is shown as made, whatever is thought of it later", () => {
  const run = new Run(held({ allow: ["s:t"] }));
  run.turn(1, "", [WRITES]);
  run.commands();
  run.event("TASK_STARTED", "/turn/1/tool/c1", { rule: "a grant" });
  const stricter = new Run({ permissions: [layer({ deny: ["s:t"] })] }, run);
  assert.equal(taskOf(stricter, "c1").rule, "a grant");
  assert.equal(taskOf(stricter, "c1").phase, "RUNNING");
});

Deno.test("a run that ends by a cancellation asks nothing any more", () => {
  const run = new Run(held());
  run.turn(1, "", [WRITES]);
  run.commands();
  run.event("EXECUTION_CANCELLED", "", null);
  const task = taskOf(run, "c1");
  assert.equal(task.phase, "CANCELLED");
  assert.equal(task.human, undefined);
});

Deno.test("days that a call waits are no time of the run", () => {
  const run = new Run(held());
  run.turn(1, "", [WRITES]);
  run.commands();
  run.event("EXECUTION_WAITING", "", {});
  run.nowMs += 3 * 24 * 3600 * 1000;
  // Nobody has it while it waits: the answer is written before it goes on.
  answer(run, "c1", said("approve"));
  run.nowMs += 3600 * 1000;
  run.event("EXECUTION_STARTED", "", { epoch: 2 });
  const [command] = run.commands();
  assert(command?.kind === "run");
  assert.equal(command.request.timeoutMs, 10_000);
});
