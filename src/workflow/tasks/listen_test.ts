import assert from "node:assert/strict";
import type { Json, JsonObject } from "../../model/json.ts";
import { checkWorkflow } from "../check.ts";
import type { Task } from "../tree.ts";

function check(task: JsonObject) {
  return checkWorkflow({
    document: { dsl: "1.0.3", namespace: "t", name: "t", version: "1.0.0" },
    do: [{ a: task }],
  });
}

function taskOf(task: JsonObject): Task {
  const { plan, diagnostics } = check(task);
  assert.deepEqual(diagnostics, []);
  const first = plan?.body.kind === "sequence" ? plan.body.tasks[0] : undefined;
  assert.ok(first !== undefined);
  return first;
}

/** What is said of a task, each as `severity pointer: message (hint)`. */
function saidOf(task: JsonObject): readonly string[] {
  return check(task).diagnostics.map((it) =>
    `${it.severity} ${it.pointer.replace("/do/0/a", "")}: ${it.message}` +
    (it.hint === undefined ? "" : ` (${it.hint})`)
  );
}

Deno.test("a listen task is read with its defaults", () => {
  const task = taskOf({ listen: { to: { any: [] } }, foreach: {} });
  assert.ok(task.kind === "listen");
  assert.deepEqual(task.to, { kind: "any", filters: [] });
  assert.equal(task.read, "data");
  assert.deepEqual(task.forEach, {
    item: "item",
    at: "index",
    tasks: [],
    output: {},
    export: {},
  });
});

Deno.test("until may be an expression, a boolean or other events", () => {
  const kindOf = (until: Json) => {
    const task = taskOf({ listen: { to: { any: [], until } } });
    return task.kind === "listen" && task.to.kind === "any"
      ? task.to.until?.kind
      : undefined;
  };
  assert.equal(kindOf("( . | length ) > 3"), "condition");
  assert.equal(kindOf("${ false }"), "condition");
  assert.equal(kindOf(true), "condition");
  assert.equal(kindOf({ one: { with: { type: "x" } } }), "events");
});

Deno.test("what a listen task cannot say is noted in its place", () => {
  const to = (value: Json): JsonObject => ({ listen: { to: value } });
  const one = (filter: Json): JsonObject => to({ one: filter });
  const cases: readonly [JsonObject, readonly (string | RegExp)[]][] = [
    [{ listen: {} }, ['error /listen: The "listen" of a task needs "to"']],
    [to({}), [
      'error /listen/to: This does not say which events are meant (Give one of "one", "all" and "any")',
    ]],
    [to({ one: { with: { type: "a" } }, any: [] }), [
      'error /listen/to: "one" and "any" exclude each other (Give one of "one", "all" and "any")',
    ]],
    [to({ all: [] }), [
      'error /listen/to/all: "all" needs at least one filter',
    ]],
    [to({ one: { with: { type: "a" } }, until: "true" }), [
      /\/until: "until" goes with "any" only/,
    ]],
    [to({ any: [], until: { any: [], until: "true" } }), [
      /\/until\/until: "until" goes with "any" only/,
    ]],
    [to({ any: [], until: 5 }), [/\/until: This must be an expression, or/]],
    [to({ any: [], until: ". |" }), [/^error \/listen\/to\/until: /]],
    [one({}), ['error /listen/to/one: An event filter needs "with"']],
    [one({ with: {} }), [/\/one\/with: A filter needs at least one attribute/]],
    [one({ type: "a" }), [
      'error /listen/to/one/type: Unknown field "type" of an event filter (Did you mean "with.type"?)',
    ]],
    [one({ with: { roomId: "a" } }), [
      /with\/roomId: "roomId" is no name .* \(Did you mean "roomid"\?\)/,
    ]],
    [one({ with: { type: "(?=a)b" } }), [
      /with\/type: This regular expression may take too long: it looks ahead/,
    ]],
    [one({ with: { type: "(a" } }), [
      /^warning .*with\/type: This is taken as it stands.*unterminated group/,
    ]],
    [one({ with: { type: "${ .a + }" } }), [/^error .*with\/type: /]],
    [one({ with: { type: "a" }, correlate: { x: {} } }), [
      /correlate\/x: A correlation needs "from"/,
    ]],
    [one({ with: { type: "a" }, correlate: { x: { from: ".a +" } } }), [
      /^error .*correlate\/x\/from: /,
    ]],
    [{ listen: { to: { any: [] }, read: "body" } }, [
      /\/listen\/read: This must be one of "data", "envelope", "raw"/,
    ]],
    [{ ...to({ any: [] }), forEach: {} }, [
      /\/forEach: Unknown field "forEach" .*\(Did you mean "foreach"\?\)/,
    ]],
    [{ ...to({ any: [] }), foreach: { each: "x" } }, [
      /\/foreach\/each: .*\(Did you mean "item"\?\)/,
    ]],
    [{ ...to({ any: [] }), foreach: { item: "x", at: "x" } }, [
      /\/foreach: The item and its index cannot both be called "x"/,
    ]],
    [{
      ...to({ any: [] }),
      foreach: { item: "event", do: [{ s: { set: "${ $item }" } }] },
    }, [/^error \/foreach\/do\/0\/s\/set: .*\$item/]],
    [{ ...to({ any: Array(101).fill({ with: { type: "a" } }) }) }, [
      /any: 101 filters are too many/,
    ]],
  ];
  for (const [task, expected] of cases) {
    const said = saidOf(task);
    const what = JSON.stringify(task).slice(0, 100);
    assert.equal(said.length, expected.length, `${what}: ${said.join("; ")}`);
    for (const [i, text] of expected.entries()) {
      if (typeof text === "string") assert.equal(said[i], text);
      else assert.match(said[i] ?? "", text);
    }
  }
});

Deno.test("an emit task keeps what it is given, checked where it is literal", () => {
  const emit = (attributes: Json): JsonObject => ({
    emit: { event: { with: attributes } },
  });
  assert.equal(
    taskOf(emit({ type: "a", source: "https://x/{id}", roomid: 5 })).kind,
    "emit",
  );
  const cases: readonly [JsonObject, readonly RegExp[]][] = [
    [{ emit: {} }, [/\/emit: The "emit" of a task needs "event"/]],
    [{ emit: { event: {} } }, [/\/event: An event to emit needs "with"/]],
    [emit({}), [/\/with: An event needs "type"/]],
    [{ emit: { event: { type: "a" } } }, [
      /\/event\/type: .*\(Did you mean "with.type"\?\)/,
    ]],
    [emit({ type: "" }), [/\/with\/type: "type" must not be empty/]],
    [emit({ type: "a", time: "soon" }), [
      /\/with\/time: "time" must be a time/,
    ]],
    [emit({ type: "a", source: "a b" }), [/\/source: "source" must be a URI/]],
    [emit({ type: "a", source: "/a/{b" }), [/\/source: .*URI template/]],
    [emit({ type: "a", dataSchema: "x" }), [
      /\/dataSchema: .*\(Did you mean "dataschema"\?\)/,
    ]],
    [emit({ type: "a", x: { y: 1 } }), [/\/x: "x" must be .* not an object/]],
    [emit({ type: "a", specversion: "0.3" }), [/"specversion" must be "1.0"/]],
    [emit({ type: "a", data: "${ .a + }" }), [/^error .*\/with\/data: /]],
    [emit({ type: "a", data: "${ $secrets.x }" }), [/^error .*\/with\/data: /]],
  ];
  for (const [task, expected] of cases) {
    const said = saidOf(task);
    const what = JSON.stringify(task);
    assert.equal(said.length, expected.length, `${what}: ${said.join("; ")}`);
    for (const [i, text] of expected.entries()) {
      assert.match(said[i] ?? "", text, what);
    }
  }
});

Deno.test("a filter that hardly means what it says is warned of", () => {
  const said = (filter: JsonObject) =>
    saidOf({ listen: { to: { one: { with: filter } } } });
  const at = "warning /listen/to/one/with";
  assert.deepEqual(said({ typ: "e.t" }), [
    `${at}/typ: "typ" is taken for an attribute of the event's own ` +
    '(Did you mean "type"?)',
  ]);
  for (const text of [".amount > 3", ".approved", " .a.b == 1"]) {
    assert.deepEqual(said({ type: "x", data: text }), [
      `${at}/data: This is compared with the data as a text ` +
      `(Write a condition as "\${ ${text.trim()} }")`,
    ]);
  }
  const meant: readonly JsonObject[] = [
    { tenant: "a" },
    { type: "x", data: "${ .amount > 3 }" },
    { type: "x", data: ".*done" },
    { type: "x", data: { text: ".amount > 3" } },
  ];
  for (const filter of meant) assert.deepEqual(said(filter), []);
});
