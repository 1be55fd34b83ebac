import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { type LedgerTools, startLedgerTools } from "../servers/ledger_tools.ts";
import { until } from "../until.ts";
import { createPlace, pick, type Place } from "./program.ts";
import { QUESTION } from "./scribe.ts";
import { hasTerminal, onTerminal, press } from "./terminal.ts";

/** What a terminal would obey or not show. */
const SLY = "room\\e[2K 12\\u202e\\nand 13";
const SHOWN = "room\\u{1b}[2K 12\\u{202e}";

/** A home with an agent that books, whose tools are somewhere else. */
async function furnished(
  tools: LedgerTools,
  permissions = "{}",
): Promise<Place> {
  const place = await createPlace();
  await place.write(
    "clerk.yaml",
    `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: clerk }
spec:
  instructions: Book things.
  model: { name: "script:clerk.script.yaml" }
  mcpServers: [{ name: ledger, http: { url: "${tools.url}" } }]
  permissions: ${permissions}
`,
  );
  await place.write(
    "clerk.script.yaml",
    `turns:
  - { when: { toolResult: "another way" }, say: "I must not" }
  - { when: { toolResult: did }, say: "All is booked", repeat: true }
  - { when: { toolResult: skipped }, say: "Without it then" }
  - when: { message: both }
    calls:
      - { tool: ledger_book, arguments: { text: one } }
      - { tool: ledger_put, arguments: { text: two } }
  - { call: { tool: ledger_book, arguments: { text: "${SLY}" } }, repeat: true }
`,
  );
  strictEqual((await place.run(["apply", "-f", "clerk.yaml"])).code, 0);
  return place;
}

function idIn(text: string): string {
  const id = /aex-[0-9a-z]{26}/.exec(text)?.[0];
  ok(id !== undefined, text);
  return id;
}

Deno.test("a run that asks where nobody can be asked is left waiting, and says how it is answered", async () => {
  await using tools = startLedgerTools();
  await using place = await furnished(tools);
  const ran = await place.run(["agent", "execute", "clerk", "both"]);
  strictEqual(ran.code, 5, ran.stderr);
  strictEqual(ran.stdout, "");
  const id = idIn(ran.stderr);
  match(
    ran.stderr,
    new RegExp(`Waiting ${id} waits for an approval; it is kept`),
  );
  match(ran.stderr, /Asks: ledger_book\(text=one\)\n {2}rule: default: /);
  match(
    ran.stderr,
    new RegExp(`stigmer execution approve ${id} /turn/1/tool/`),
  );
  // As data, it says the same.
  const json = await place.run([
    "execution",
    "resume",
    id,
    "-o",
    "json",
  ]);
  strictEqual(json.code, 5, json.stderr);
  const shown = JSON.parse(json.stdout);
  strictEqual(pick(shown, "status.phase"), "WAITING");
  strictEqual(pick(shown, "status.tasks.1.human.toolCall.tool"), "book");
  match(json.stderr, /stigmer execution approve/);
  const several = await place.run(["execution", "approve", id]);
  strictEqual(several.code, 5);
  match(several.stderr, /2 wait, name one or give --all/);
  match(several.stderr, /stigmer execution approve \S+ \S+ {3}# ledger_put\(/);
  const wrong = await place.run(["execution", "skip", id, "ledger_bok"]);
  strictEqual(wrong.code, 3);
  match(wrong.stderr, /Did you mean "?ledger_book/i);
  const put = await place.run(["execution", "skip", id, "ledger:put"]);
  match(put.stdout, /got "skip" for ledger_put \(\/turn\/1\/tool\//);
  const rest = await place.run(["execution", "approve", id, "--all"]);
  match(rest.stdout, /got "approve" for ledger_book/);
  const late = await place.run(["execution", "reject", id, "ledger_book"]);
  strictEqual(late.code, 5);
  match(late.stderr, /it was answered "approve" by local-user/);
  const done = await place.run(["execution", "resume", id]);
  deepStrictEqual(
    [done.code, done.stdout],
    [0, "Without it then\n"],
    done.stderr,
  );
  deepStrictEqual(tools.ledger.map(({ tool }) => tool), ["book"]);
  const logs = await place.run(["execution", "logs", id, "-o", "wide"]);
  match(logs.stdout, /TASK_STARTED .*ledger_book.*; approved by local-user/);
  const got = await place.run(["execution", "get", id]);
  match(got.stdout, /SKIPPED/);
});

Deno.test("a workflow says what its agents ask, and takes the answers by its own tasks", async () => {
  await using tools = startLedgerTools();
  await using place = await furnished(tools);
  await place.write(
    "flow.yaml",
    `document: { dsl: 1.0.3, namespace: t, name: flow, version: 1.0.0 }
do:
  - order: { call: agent, with: { agent: clerk, message: book } }
`,
  );
  const ran = await place.run(["run", "flow.yaml"]);
  strictEqual(ran.code, 5, ran.stderr);
  match(ran.stderr, /Waiting wex-.* waits for an approval/);
  const id = /wex-[0-9a-z]{26}/.exec(ran.stderr)?.[0] ?? "";
  const got = await place.run(["execution", "get", id]);
  match(got.stdout, /Asks: ledger:book \(book of ledger/);
  match(got.stdout, new RegExp(`stigmer execution approve ${id}\n`));
  const answered = await place.run(["execution", "approve", id, "order"]);
  match(answered.stdout, /^aex-.* got "approve" for ledger_book/);
  const done = await place.run(["execution", "resume", id]);
  deepStrictEqual([done.code, done.stdout], [0, "All is booked\n"]);
});

Deno.test("what a rule refuses is in the log with the rule", async () => {
  await using tools = startLedgerTools();
  await using place = await furnished(tools, '{ deny: ["ledger:book"] }');
  const ran = await place.run(["agent", "execute", "clerk", "book"]);
  deepStrictEqual([ran.code, ran.stdout], [0, "I must not\n"], ran.stderr);
  const [id = ""] = (await place.run(["execution", "list", "-o", "name"]))
    .stdout.split("\n");
  for (const verb of ["get", "logs", "trace"]) {
    const { stdout } = await place.run(["execution", verb, id, "-o", "wide"]);
    match(stdout, /deny ledger:book of agent "clerk"/, verb);
  }
  strictEqual(tools.ledger.length, 0);
});

Deno.test("execution approve is no answer to what is no call", async () => {
  await using place = await createPlace();
  await place.write(
    "ask.yaml",
    `document: { dsl: 1.0.3, namespace: t, name: ask, version: 1.0.0 }
do:
  - sure: { call: human, with: { prompt: "Sure?", outcomes: [approve, no] } }
`,
  );
  const { stdout } = await place.run(["run", "ask.yaml", "--detach"]);
  const id = stdout.trim();
  const worker = place.start(["worker"]);
  await until(async () => {
    const found = await place.json(["execution", "get", id, "-o", "json"]);
    return pick(found, "status.phase") === "WAITING";
  });
  worker.kill("SIGTERM");
  await worker.ended;
  for (const words of [[id], [id, "sure"]]) {
    const ran = await place.run(["execution", "approve", ...words]);
    strictEqual(ran.code, 5);
    match(ran.stderr, /stigmer execution respond/);
  }
});

Deno.test({
  name: "at a terminal a run shows all of a call, and one key decides",
  ignore: !hasTerminal,
  async fn() {
    await using tools = startLedgerTools();
    await using place = await furnished(tools);
    const program = onTerminal(place, ["agent", "execute", "clerk", "book"]);
    await program.said(QUESTION);
    await press(program, "a", "All is booked");
    const heard = await program.ended;
    ok(heard.includes("ledger_book"), heard);
    ok(heard.includes(SHOWN), heard);
    ok(heard.includes("    and 13"), heard);
    match(heard, /its server does not say what it does/);
    match(heard, /code 0/);
    ok(/[^-]echo\b/.test(heard), heard);
    strictEqual(tools.ledger.length, 1);
  },
});

Deno.test({
  name: "a rejection at a terminal takes a reason, which the model is told",
  ignore: !hasTerminal,
  async fn() {
    await using tools = startLedgerTools();
    await using place = await furnished(tools);
    const program = onTerminal(place, ["agent", "execute", "clerk", "book"]);
    await program.said(QUESTION);
    await press(program, "r", "Why?");
    await program.type("no rooms today\r");
    await program.said("I must not");
    match(await program.ended, /code 0/);
    const [id = ""] = (await place.run(["execution", "list", "-o", "name"]))
      .stdout.split("\n");
    const logs = await place.run(["execution", "logs", id, "-o", "wide"]);
    match(logs.stdout, /rejected the call of "ledger_book": r*no rooms today/);
    strictEqual(tools.ledger.length, 0);
  },
});

Deno.test({
  name: "Ctrl-C, and d, leave a call waiting and say how it is answered",
  ignore: !hasTerminal,
  async fn() {
    await using tools = startLedgerTools();
    await using place = await furnished(tools);
    const told = "stigmer execution approve aex-";
    for (const [key, code] of [["\x03", 130], ["d", 5]] as const) {
      const program = onTerminal(place, ["agent", "execute", "clerk", "book"]);
      await program.said(QUESTION);
      // One Ctrl-C is enough at any time; a second one ends the program.
      if (key === "d") await press(program, key, told);
      else await program.type(key);
      await program.said(told);
      const heard = await program.ended;
      match(heard, new RegExp(`code ${code}`));
      match(heard, /left waiting/);
      ok(/[^-]echo\b/.test(heard), heard);
    }
    const listed = await place.json(["execution", "list", "-o", "json"]);
    strictEqual(pick(listed, "items.0.status.phase"), "WAITING");
    strictEqual(pick(listed, "items.1.status.phase"), "WAITING");
    strictEqual(tools.ledger.length, 0);
  },
});

Deno.test({
  name:
    "in a chat a call is asked about, and what was typed ahead decides nothing",
  ignore: !hasTerminal,
  async fn() {
    await using tools = startLedgerTools();
    await using place = await furnished(tools);
    const program = onTerminal(place, ["agent", "chat", "clerk"]);
    await program.said("> ");
    await program.type("book\raaaa");
    await program.said(QUESTION);
    strictEqual(tools.ledger.length, 0);
    await press(program, "A", "All is booked");
    // It goes for the rest of the session.
    await program.type("book\r");
    await until(() => tools.ledger.length === 2);
    await program.type("/exit\r");
    const heard = await program.ended;
    match(heard, /code 0/);
    ok(/[^-]echo\b/.test(heard), heard);
    ok(heard.lastIndexOf("?2004l") > heard.lastIndexOf("?2004h"), heard);
  },
});

Deno.test({
  name: "a question that is answered elsewhere goes away",
  ignore: !hasTerminal,
  async fn() {
    await using tools = startLedgerTools();
    await using place = await furnished(tools);
    const program = onTerminal(place, ["agent", "execute", "clerk", "book"]);
    await program.said(QUESTION);
    const [id = ""] = (await place.run(["execution", "list", "-o", "name"]))
      .stdout.split("\n");
    strictEqual((await place.run(["execution", "skip", id])).code, 0);
    await program.said("not asked any more");
    await program.said("Without it then");
    const heard = await program.ended;
    match(heard, /code 0/);
    ok(/[^-]echo\b/.test(heard), heard);
    ok(heard.lastIndexOf("?2004l") > heard.lastIndexOf("?2004h"), heard);
  },
});
