import {
  deepStrictEqual,
  match,
  notStrictEqual,
  ok,
  strictEqual,
} from "node:assert/strict";
import { ECHO_MS } from "../../src/host/interrupts.ts";
import { createPlace, pick, type Place } from "./program.ts";

function workflow(name: string, body: string): string {
  return `document: { dsl: 1.0.0, namespace: test, name: ${name}, version: 1.0.0 }\n${body}`;
}

const HELLO = workflow(
  "hello",
  `do:
  - greet:
      set:
        message: \${ "Hello " + .name }
        given: \${ .given }
`,
);
const NAP = workflow(
  "nap",
  `do:
  - begin: { set: { a: 1 } }
  - doze: { run: { shell: { command: "sleep 2" } } }
  - end: { set: { done: true } }
`,
);
/** Waits until it is cancelled. */
const SLEEP = workflow(
  "sleep",
  'do:\n  - doze: { run: { shell: { command: "sleep 60" } } }\n',
);
const AGENT = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: parrot }
spec:
  instructions: Say what you are told to say.
  model: { name: "script:parrot.script.yaml" }
`;
const SCRIPT = `turns: [{ say: "Grüße aus 日本 🦜", repeat: true }]\n`;

async function phaseOf(place: Place, id: string): Promise<unknown> {
  return pick(
    await place.json(["execution", "get", id, "-o", "json"]),
    "status.phase",
  );
}

/** Resolves when a key that was just pressed can be pressed once more. */
function pressable(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ECHO_MS));
}

/** The id that the program says when it begins. */
function idIn(text: string): string {
  const id = /(wex|aex)-[0-9a-z]{26}/.exec(text)?.[0];
  ok(id !== undefined, text);
  return id;
}

Deno.test("run executes a file and stores nothing but the execution", async () => {
  await using place = await createPlace();
  await place.write("hello.yaml", HELLO);
  const ran = await place.run([
    "run",
    "hello.yaml",
    "--input",
    "name=Ünï",
    "--input",
    'given={"n": [1, null]}',
  ]);
  deepStrictEqual([ran.code, JSON.parse(ran.stdout)], [
    0,
    { message: "Hello Ünï", given: { n: [1, null] } },
  ], ran.stderr);
  idIn(ran.stderr);
  const workflows = await place.run(["workflow", "list", "-o", "name"]);
  strictEqual(workflows.stdout, "");
  const executions = await place.run(["executions", "list", "-o", "name"]);
  strictEqual(executions.stdout, `${idIn(ran.stderr)}\n`);
});

Deno.test("run -o json prints the execution and nothing else", async () => {
  await using place = await createPlace();
  await place.write("hello.yaml", HELLO);
  await place.write("input.yaml", "name: Ada\ngiven: [1]\n");
  const ran = await place.run([
    "-o",
    "json",
    "run",
    "hello.yaml",
    "-q",
    "--input-file",
    "input.yaml",
    "--label",
    "team=a",
  ]);
  const json = JSON.parse(ran.stdout);
  deepStrictEqual(
    [ran.code, ran.stderr, json.status.phase, json.status.output],
    [
      0,
      "",
      "COMPLETED",
      { message: "Hello Ada", given: [1] },
    ],
  );
  deepStrictEqual(json.metadata.labels, { team: "a" });
  const [task] = json.status.tasks;
  deepStrictEqual(
    [task.path, task.name, task.phase, task.attempts],
    ["/do/0/greet", "greet", "COMPLETED", 1],
  );
  const piped = await place.run(["run", "hello.yaml", "--input-file", "-"], {
    stdin: '{"name": "stdin"}',
  });
  strictEqual(JSON.parse(piped.stdout).message, "Hello stdin");
  const whole = await place.run(["run", "hello.yaml", "--input", '{"a": 1}']);
  match(whole.stderr, /Hint: Give all of the input at once with --input-file/);
  const empty = await place.run(["run", "hello.yaml", "--input-file", "-"]);
  match(
    empty.stderr,
    /Warning: Standard input is empty: the run is given no input/,
  );
});

Deno.test("an agent answers with its text alone", async () => {
  await using place = await createPlace();
  await place.write("parrot.yaml", AGENT);
  await place.write("parrot.script.yaml", SCRIPT);
  const ran = await place.run(["run", "parrot.yaml", "speak", "-q"]);
  deepStrictEqual([ran.code, ran.stdout, ran.stderr], [
    0,
    "Grüße aus 日本 🦜\n",
    "",
  ]);
  await place.run(["apply", "-f", "parrot.yaml"]);
  const first = await place.json([
    "agent",
    "run",
    "parrot",
    "hi",
    "-o",
    "json",
  ]);
  strictEqual(pick(first, "status.output"), "Grüße aus 日本 🦜");
  const session = `${pick(first, "spec.sessionId")}`;
  const second = await place.run([
    "run",
    "parrot",
    "-",
    "--session",
    session,
    "-o",
    "name",
  ], { stdin: "from a pipe" });
  strictEqual(second.code, 0, second.stderr);
  const sessions = await place.run(["session", "list", "-o", "jsonl"]);
  ok(sessions.stdout.includes(session), sessions.stdout);
  const list = await place.run([
    "runs",
    "list",
    "--session",
    session,
    "-o",
    "name",
  ]);
  strictEqual(list.stdout.trim().split("\n").length, 2);
});

Deno.test("run NAME finds workflow or agent, and asks when both are there", async () => {
  await using place = await createPlace();
  await place.write("hello.yaml", HELLO);
  await place.write("agent.yaml", AGENT.replace("parrot }", "hello }"));
  await place.run(["apply", "-f", "hello.yaml"]);
  const ran = await place.run(["run", "hello", "-i", "name=you"]);
  strictEqual(ran.code, 0, ran.stderr);
  const message = await place.run(["run", "hello", "a message"]);
  strictEqual(message.code, 2);
  match(message.stderr, /only agents take one/);
  await place.run(["apply", "-f", "agent.yaml"]);
  const both = await place.run(["run", "hello"]);
  strictEqual(both.code, 2);
  match(both.stderr, /stigmer workflow run hello/);
  // As apply prints it, and with that there is nothing to choose.
  const one = await place.run(["run", "workflow/hello", "-i", "name=you"]);
  strictEqual(one.code, 0, one.stderr);
  const gone = await place.run(["run", "workflow/helo"]);
  match(gone.stderr, /Cannot find workflow "helo"\nHint: Did you mean "hello"/);
  const path = await place.run(["run", "hello/workflow"]);
  match(path.stderr, /Cannot read "hello\/workflow": no such file or folder/);
  match(both.stderr, /stigmer agent run hello/);
  const none = await place.run(["run", "helo"]);
  strictEqual(none.code, 3);
  match(none.stderr, /Did you mean "hello"\?/);
  strictEqual((await place.run(["run", "none.yaml"])).code, 3);
});

Deno.test("run FILE chooses among several by name", async () => {
  await using place = await createPlace();
  await place.write("all.yaml", `${HELLO}---\n${NAP}`);
  const several = await place.run(["run", "all.yaml"]);
  strictEqual(several.code, 2);
  match(several.stderr, /--name NAME/);
  const named = await place.run([
    "run",
    "all.yaml",
    "--name",
    "hello",
    "-i",
    "name=x",
  ]);
  strictEqual(named.code, 0, named.stderr);
  const none = await place.run(["run", "all.yaml", "--name", "helo"]);
  strictEqual(none.code, 3);
});

Deno.test("a refused definition ends with 2 before anything is stored", async () => {
  await using place = await createPlace();
  await place.write("bad.yaml", workflow("bad", "do:\n  - a: { sett: {} }\n"));
  await place.write(
    "unknown.yaml",
    workflow(
      "unknown",
      "do:\n  - ask:\n      call: agent\n      with: { agent: nobody }\n",
    ),
  );
  const bad = await place.run(["run", "bad.yaml"]);
  strictEqual(bad.code, 2);
  match(bad.stderr, /^bad\.yaml:3:\d+: error: /m);
  const unknown = await place.run(["run", "unknown.yaml"]);
  strictEqual(unknown.code, 2, unknown.stderr);
  match(unknown.stderr, /^unknown\.yaml:5:\d+: error: .*nobody/m);
  const list = await place.run(["execution", "list", "-o", "name"]);
  strictEqual(list.stdout, "");
});

Deno.test("how a run fails decides the exit code", async () => {
  await using place = await createPlace();
  const raise = (kind: string, status: number): string =>
    workflow(
      "fails",
      `do:
  - fail:
      raise:
        error:
          type: https://serverlessworkflow.io/spec/1.0.0/errors/${kind}
          status: ${status}
          title: No
          detail: Refused by the test
`,
    );
  const cases: readonly (readonly [string, number, number])[] = [
    ["runtime", 500, 1],
    ["authentication", 401, 4],
    ["authorization", 403, 4],
    ["timeout", 408, 1],
  ];
  for (const [kind, status, code] of cases) {
    await place.write("fails.yaml", raise(kind, status));
    const ran = await place.run(["run", "fails.yaml"]);
    deepStrictEqual([ran.code, ran.stdout], [code, ""], kind);
    match(ran.stderr, /Error: Execution wex-\w+ failed: Refused by the test/);
    match(ran.stderr, /at \/do\/0\/fail/);
  }
  await place.write("nap.yaml", NAP);
  const late = await place.run(["run", "nap.yaml", "--timeout", "200ms"]);
  strictEqual(late.code, 124, late.stderr);
});

Deno.test("--detach leaves it to a worker, which ends when idle", async () => {
  await using place = await createPlace();
  await place.write("hello.yaml", HELLO);
  const detach = ["run", "hello.yaml", "-i", "name=w", "--detach"];
  const quiet = await place.run([...detach, "-q"]);
  deepStrictEqual([quiet.code, quiet.stderr], [0, ""]);
  const id = quiet.stdout.trim();
  match(id, /^wex-[0-9a-z]{26}$/);
  strictEqual(await phaseOf(place, id), "PENDING");
  const keyed = [...detach, "-q", "--idempotency-key", "once"];
  const [one, two] = [await place.run(keyed), await place.run(keyed)];
  strictEqual(one.stdout, two.stdout);
  notStrictEqual(one.stdout, quiet.stdout);
  const waiting = place.start(["execution", "wait", id, "-o", "name"]);
  const worker = await place.run(["worker", "--until-idle"]);
  strictEqual(worker.code, 0, worker.stderr);
  match(worker.stdout, new RegExp(`^${id} taken`, "m"));
  match(worker.stdout, new RegExp(`^${id} completed`, "m"));
  deepStrictEqual((await waiting.ended).stdout, `${id}\n`);
  strictEqual(await phaseOf(place, id), "COMPLETED");
  // The key of what has ended long ago brings no worker to anything.
  const known = await place.run(keyed.filter((it) => it !== "-q"));
  strictEqual(known.stdout, one.stdout);
  match(known.stderr, /begun before with the same key, and is COMPLETED/);
});

Deno.test("whoever looks on at a run that nobody runs is told so, once", async () => {
  await using place = await createPlace();
  await place.write("hello.yaml", HELLO);
  const detach = ["run", "hello.yaml", "-i", "name=p", "-d", "-q"];
  const id = (await place.run(detach)).stdout.trim();
  for (const words of [["watch"], ["wait"], ["logs", "-f"]]) {
    const line = ["execution", ...words, id, "--timeout", "1700ms"];
    const { code, stderr } = await place.run(line);
    strictEqual(code, 124, words[0]);
    strictEqual(
      stderr.split("PENDING, but no worker runs it").length,
      2,
      stderr,
    );
    ok(stderr.includes(`stigmer execution resume ${id}`), stderr);
    ok(!stderr.includes("Running"), stderr);
  }
  await place.run(["execution", "pause", id]);
  const held = await place.run([
    "execution",
    "watch",
    id,
    "--timeout",
    "1700ms",
  ]);
  match(held.stderr, /is PAUSED. Go on with it: stigmer execution resume/);
});

Deno.test("a run with the key of one that nobody runs is run here", async () => {
  await using place = await createPlace();
  await place.write("hello.yaml", HELLO);
  const run = ["run", "hello.yaml", "-i", "name=k", "--idempotency-key", "k"];
  const id = (await place.run([...run, "-d", "-q"])).stdout.trim();
  for (const time of ["first", "second"]) {
    const ran = await place.run(run);
    strictEqual(ran.code, 0, `${time}: ${ran.stderr}`);
    strictEqual(JSON.parse(ran.stdout).message, "Hello k");
    strictEqual(idIn(ran.stderr), id);
  }
});

Deno.test("Ctrl-C cancels a run, exit 130", async () => {
  await using place = await createPlace();
  await place.write("sleep.yaml", SLEEP);
  const run = place.start(["run", "sleep.yaml"]);
  await run.said("doze started");
  run.kill("SIGINT");
  await run.said("Cancelling");
  // A wrapper, as npx, sends on what the terminal sent already.
  run.kill("SIGINT");
  const { code, stderr, stdout } = await run.ended;
  deepStrictEqual([code, stdout], [130, ""], stderr);
  strictEqual(stderr.split(/cancelling/i).length, 2, stderr);
  strictEqual(stderr.split(/cancelled/i).length, 2, stderr);
  strictEqual(await phaseOf(place, idIn(stderr)), "CANCELLED");
});

Deno.test("a second Ctrl-C leaves a run to be resumed, as SIGTERM does", async () => {
  await using place = await createPlace();
  await place.write("nap.yaml", NAP);
  for (const signals of [["SIGINT", "SIGINT"], ["SIGTERM"]] as const) {
    const run = place.start(["run", "nap.yaml"]);
    await run.said("doze started");
    for (const [i, signal] of signals.entries()) {
      if (i > 0) await pressable();
      run.kill(signal);
      if (signal === "SIGINT") await run.said("Cancelling");
    }
    const { code, stderr } = await run.ended;
    strictEqual(code, 130, stderr);
    const id = idIn(stderr);
    ok(stderr.includes(`stigmer execution resume ${id}`), stderr);
    const resumed = await place.run(["execution", "resume", id]);
    deepStrictEqual(
      [resumed.code, resumed.stdout],
      [0, '{\n  "done": true\n}\n'],
      resumed.stderr,
    );
    strictEqual(await phaseOf(place, id), "COMPLETED");
  }
});

Deno.test("a run is watched, paused, resumed and cancelled from elsewhere", async () => {
  await using place = await createPlace();
  await place.write("nap.yaml", NAP);
  await place.write("sleep.yaml", SLEEP);
  const run = place.start(["run", "nap.yaml"]);
  await run.said("doze started");
  const [id] = (await place.run(["runs", "list", "-o", "name"])).stdout
    .split("\n");
  ok(id !== undefined);
  const watch = place.start(["execution", "watch", id]);
  const watched = await watch.ended;
  deepStrictEqual([watched.code, watched.stdout], [
    0,
    '{\n  "done": true\n}\n',
  ]);
  strictEqual((await run.ended).code, 0);

  const stuck = place.start(["run", "sleep.yaml"]);
  await stuck.said("doze started");
  const [other] = (await place.run([
    "execution",
    "list",
    "--phase",
    "running",
    "-o",
    "name",
  ])).stdout.split("\n");
  ok(other !== undefined);
  const late = await place.run([
    "execution",
    "wait",
    other,
    "--timeout",
    "100ms",
  ]);
  strictEqual(late.code, 124, late.stderr);
  const cancelled = await place.run([
    "execution",
    "cancel",
    other,
    "--reason",
    "enough",
  ]);
  deepStrictEqual([cancelled.code, cancelled.stdout], [
    0,
    `${other} CANCELLED\n`,
  ]);
  const ended = await stuck.ended;
  strictEqual(ended.code, 130, ended.stderr);
  const wait = await place.run(["execution", "wait", other]);
  strictEqual(wait.code, 130);
  const reached = await place.run([
    "execution",
    "wait",
    other,
    "--for",
    "cancelled",
  ]);
  strictEqual(reached.code, 0);
});

Deno.test("a paused run waits to be resumed", async () => {
  await using place = await createPlace();
  await place.write("hello.yaml", HELLO);
  const { stdout } = await place.run([
    "run",
    "hello.yaml",
    "-d",
    "-q",
    "-i",
    "name=p",
  ]);
  const id = stdout.trim();
  const paused = await place.run(["execution", "pause", id]);
  deepStrictEqual([paused.code, paused.stdout], [0, `${id} PAUSED\n`]);
  await place.run(["worker", "--until-idle", "-q"]);
  strictEqual(await phaseOf(place, id), "PAUSED");
  const resumed = await place.run(["execution", "resume", id, "--detach"]);
  strictEqual(resumed.code, 0, resumed.stderr);
  await place.run(["worker", "--until-idle", "-q"]);
  strictEqual(await phaseOf(place, id), "COMPLETED");
  const again = await place.run(["execution", "pause", id]);
  strictEqual(again.code, 5, again.stderr);
});

Deno.test("logs prints the journal, from where one likes", async () => {
  await using place = await createPlace();
  await place.write("nap.yaml", NAP);
  const run = place.start(["run", "nap.yaml"]);
  await run.said("doze started");
  const id = (await place.run(["runs", "list", "-o", "name"])).stdout.trim();
  const followed = await place.run(["execution", "logs", id, "--follow"]);
  match(followed.stdout, /EXECUTION_CREATED[^]*EXECUTION_COMPLETED/);
  await run.ended;
  const all = await place.json(["execution", "logs", id, "-o", "json"]);
  strictEqual(pick(all, "items.0.type"), "EXECUTION_CREATED");
  strictEqual(pick(all, "nextPageToken"), "");
  const since = await place.run([
    "execution",
    "logs",
    id,
    "--since",
    "1",
    "-o",
    "jsonl",
  ]);
  const lines = since.stdout.trim().split("\n").map((it) => JSON.parse(it));
  strictEqual(lines[0].sequence, 2);
  strictEqual(lines.at(-1).type, "EXECUTION_COMPLETED");
  strictEqual((await place.run(["execution", "logs", "wex-none"])).code, 3);
});

Deno.test("artifacts of an execution are listed, and none is none", async () => {
  await using place = await createPlace();
  await place.write("hello.yaml", HELLO);
  const { stderr } = await place.run(["run", "hello.yaml", "-i", "name=a"]);
  const id = idIn(stderr);
  const list = await place.json(["execution", "artifacts", id, "-o", "json"]);
  deepStrictEqual(list, { items: [], nextPageToken: "" });
  const none = await place.run(["execution", "artifacts", id, "none.txt"]);
  strictEqual(none.code, 3, none.stderr);
});

Deno.test("variables come from environment and flag, the flag last", async () => {
  await using place = await createPlace();
  await place.write(
    "vars.yaml",
    `apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: vars }
spec:
  env:
    REGION: { required: true }
  document: { dsl: 1.0.0, namespace: test, name: vars, version: 1.0.0 }
  do:
    - show:
        run: { shell: { command: 'printf %s "$REGION"', environment: { REGION: "\${ $env.REGION }" } } }
`,
  );
  const missing = await place.run(["run", "vars.yaml"]);
  notStrictEqual(missing.code, 0);
  match(missing.stderr, /REGION/);
});

Deno.test("a signal is kept in the journal with what it carries", async () => {
  await using place = await createPlace();
  await place.write("hello.yaml", HELLO);
  const detach = ["run", "hello.yaml", "-i", "name=s", "-d", "-q"];
  const id = (await place.run(detach)).stdout.trim();
  const signal = ["execution", "signal", id, "paid", "--data", '{"n": 1}'];
  const sent = await place.run(signal);
  match(sent.stdout, new RegExp(`^${id} got "paid" as entry \\d+\n$`));
  const logs = await place.run(["execution", "logs", id, "-o", "jsonl"]);
  const last = JSON.parse(logs.stdout.trim().split("\n").at(-1) ?? "");
  deepStrictEqual([last.type, last.name, last.data], [
    "SIGNAL_RECEIVED",
    "paid",
    { n: 1 },
  ]);
  strictEqual((await place.run(["execution", "signal", id])).code, 2);
});

Deno.test("long values are cut for people, and whole for everybody else", async () => {
  await using place = await createPlace();
  await place.write("hello.yaml", HELLO);
  const long = "x".repeat(5000);
  const ran = await place.run(["run", "hello.yaml", "-i", `name=${long}`]);
  const id = idIn(ran.stderr);
  const get = await place.run(["execution", "get", id]);
  ok(get.stdout.split("\n").every((it) => it.length <= 210), get.stdout);
  match(get.stdout, /^Input: +\{ "name": "x+…$/m);
  match(get.stderr, /-o json prints them whole/);
  const wide = await place.run(["execution", "get", id, "-o", "wide"]);
  ok(wide.stdout.includes(long));
  const logs = await place.run(["execution", "logs", id]);
  ok(logs.stdout.split("\n").every((it) => it.length <= 200), logs.stdout);
  const whole = await place.run(["execution", "logs", id, "-o", "wide"]);
  ok(whole.stdout.includes(long));
});

Deno.test("a model that is asked again is told of, and the piped message is clean", async () => {
  await using place = await createPlace();
  await place.write("parrot.yaml", AGENT);
  await place.write(
    "parrot.script.yaml",
    `turns:
  - say: done
    error: { status: 529, message: Overloaded, times: 1, retryAfterMs: 10 }
`,
  );
  const ran = await place.run(["run", "parrot.yaml", "-"], {
    stdin: "two\nlines\n",
  });
  deepStrictEqual([ran.code, ran.stdout], [0, "done\n"], ran.stderr);
  match(ran.stderr, /Overloaded.*attempt 2 of/);
  const json = await place.json([
    "execution",
    "get",
    idIn(ran.stderr),
    "-o",
    "json",
  ]);
  strictEqual(pick(json, "spec.message"), "two\nlines");
});

Deno.test("run says once, in its place, what it does not know", async () => {
  await using place = await createPlace();
  await place.write(
    "other.yaml",
    `
document: { dsl: 1.0.3, namespace: r, name: caller, version: 0.1.0 }
do:
  - t: { run: { workflow: { namespace: r, name: nothere, version: 0.1.0 } } }
`,
  );
  const { code, stderr } = await place.run(["run", "other.yaml"]);
  strictEqual(code, 2);
  const said = stderr.split("\n").filter((line) =>
    !/^ +(?:\d+ )?\|/.test(line)
  );
  deepStrictEqual(said, [
    'other.yaml:4:49: error: Unknown workflow "nothere"',
    "hint: Apply it first, or put it into the same file",
    "Error: 1 error, nothing was run",
    "",
  ]);
});
