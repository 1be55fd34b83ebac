import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createPlace, pick, type Place } from "./program.ts";

/** Messages that each of two writers sends. */
const MESSAGES_EACH = 20;

const AGENT = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: parrot }
spec:
  instructions: Say what you hear.
  model: { name: "script:parrot.script.yaml" }
`;
const SCRIPT = `turns:
  - { when: { message: slow }, say: "begun and ended", chunkDelayMs: 1000, chunkLength: 5 }
  - { say: "heard \${message}", repeat: true }
`;

/** A home with an agent that says what it hears. */
async function furnished(): Promise<Place> {
  const place = await createPlace();
  await place.write("a.yaml", AGENT);
  await place.write("parrot.script.yaml", SCRIPT);
  strictEqual((await place.run(["apply", "-f", "a.yaml"])).code, 0);
  return place;
}

/** Says something, and gives the session it was said in. */
async function begin(place: Place, message: string): Promise<string> {
  const ran = await place.run(["agent", "execute", "parrot", message]);
  strictEqual(ran.code, 0, ran.stderr);
  const { stdout } = await place.run(["session", "list", "-o", "name"]);
  return stdout.trim().split("\n")[0] ?? "";
}

function textAt(item: unknown, path: string): string {
  // What came as JSON.
  return String(pick(item as never, path) ?? "");
}

Deno.test("two processes that write to one session take turns, and lose nothing", async () => {
  await using place = await furnished();
  const session = await begin(place, "first");
  const write = (who: string) =>
    place.run(["agent", "chat", "parrot", "--session", session], {
      stdin: Array.from({ length: MESSAGES_EACH }, (_, i) => `${who} ${i}\n`)
        .join(""),
    });
  const said = await Promise.all([write("one"), write("two")]);
  for (const [i, { code, stdout, stderr }] of said.entries()) {
    strictEqual(code, 0, stderr);
    const who = ["one", "two"][i];
    deepStrictEqual(
      stdout.trim().split("\n"),
      Array.from({ length: MESSAGES_EACH }, (_, n) => `heard ${who} ${n}`),
    );
  }
  const listed = await place.json([
    ...["execution", "list", "--all", "--session", session, "-o", "json"],
  ]);
  const items = pick(listed, "items");
  ok(Array.isArray(items));
  const inOrder = items.toReversed();
  strictEqual(inOrder.length, 2 * MESSAGES_EACH + 1);
  for (const [i, item] of inOrder.entries()) {
    strictEqual(textAt(item, "status.phase"), "COMPLETED");
    if (i === 0) continue;
    const before = inOrder[i - 1];
    // As times: a whole second is written without its fraction.
    ok(
      Date.parse(textAt(item, "status.startedAt")) >=
        Date.parse(textAt(before, "status.completedAt")),
      `${i} began before the one before it ended`,
    );
    // Each is told of all before it.
    ok(
      Number(textAt(item, "status.usage.inputTokens")) >
        Number(textAt(before, "status.usage.inputTokens")),
      `${i} was told no more than the one before it`,
    );
  }
});

Deno.test("what a process left behind that was killed is done before the next message", async () => {
  await using place = await furnished();
  const session = await begin(place, "first");
  const left = place.start([
    ...["agent", "execute", "parrot", "slow", "--session", session],
  ]);
  await left.said(/Execution aex/);
  await left.said(/turn 1/);
  left.kill("SIGKILL");
  await left.ended;
  const ran = await place.run([
    ...["agent", "execute", "parrot", "next", "--session", session],
  ]);
  strictEqual(ran.code, 0, ran.stderr);
  strictEqual(ran.stdout, "heard next\n");
  match(
    ran.stderr,
    /aex-\S+ begins after execution "aex-[^"]+" of its session/,
  );
  const { stdout } = await place.run(["session", "export", session]);
  match(stdout, /slow\n[^]*begun and ended\n[^]*next\n[^]*heard next\n/);
});

Deno.test("session get, export and fork show one conversation, each in its way", async () => {
  await using place = await furnished();
  const session = await begin(place, "first");
  const { stdout: id } = await place.run(["session", "fork", session]);
  const fork = id.trim();
  match(fork, /^ses-/);
  for (const [where, message] of [[session, "here"], [fork, "there"]]) {
    const ran = await place.run([
      ...["agent", "execute", "parrot", message ?? "", "--session"],
      where ?? "",
    ]);
    strictEqual(ran.code, 0, ran.stderr);
  }
  const got = await place.run(["session", "get", fork]);
  match(got.stdout, /Agent: +parrot\nForked from: +ses-/);
  match(got.stdout, /> first\nheard first\n\n.*\n> there\nheard there\n$/);
  const markdown = await place.run(["session", "export", fork]);
  match(markdown.stdout, /^# first\n\nSession ses-.*goes on from ses-/);
  match(markdown.stdout, /\*\*You\*\*\n\nthere\n\n\*\*parrot\*\*\n\nheard/);
  ok(!markdown.stdout.includes("here\n\nheard here"));
  strictEqual(
    (await place.run(["session", "export", fork])).stdout,
    markdown.stdout,
  );
  const saved = await place.run(["session", "export", fork, "-o", "x.json"]);
  strictEqual(saved.code, 0, saved.stderr);
  const json = JSON.parse(
    await Deno.readTextFile(`${place.folder}/x.json`),
  );
  deepStrictEqual(
    json.exchanges.map((it: { answer: string }) => it.answer),
    ["heard first", "heard there"],
  );
  strictEqual(json.session.metadata.id, fork);
  const again = await place.run(["session", "export", fork, "-o", "x.json"]);
  strictEqual(again.code, 5, again.stderr);
  const refused = await place.run(["session", "delete", session, "--yes"]);
  match(refused.stderr, /session "ses-[^"]+" refers to it/);
  const listed = await place.run(["session", "list"]);
  match(listed.stdout, /ID +SUBJECT +AGENT +EXECUTIONS +TOKENS +LAST/);
});

Deno.test("the last session is one of the instance that runs", async () => {
  await using place = await furnished();
  await place.write(
    "i.yaml",
    `apiVersion: agentic.stigmer.ai/v1
kind: AgentInstance
metadata: { name: second }
spec: { agentId: parrot }
`,
  );
  strictEqual((await place.run(["apply", "-f", "i.yaml"])).code, 0);
  const execute = ["agent", "execute", "parrot", "-o", "json"];
  const sessionOf = async (words: readonly string[]) =>
    textAt(await place.json([...execute, ...words]), "spec.sessionId");
  const second = ["--instance", "second"];
  const own = await sessionOf(["one"]);
  const theirs = await sessionOf(["two", ...second]);
  const last = ["--session", "last"];
  strictEqual(await sessionOf(["three", ...last]), own);
  strictEqual(await sessionOf(["four", ...last, ...second]), theirs);
});

Deno.test("a session that is none, or another agent's, is refused", async () => {
  await using place = await furnished();
  const execute = (agent: string, session: string) =>
    place.run(["agent", "execute", agent, "hello", "--session", session]);
  const none = await execute("parrot", "last");
  strictEqual(none.code, 3, none.stderr);
  match(none.stderr, /last session of agent "parrot": it has none/);
  const session = await begin(place, "first");
  const typo = await execute("parrot", "lats");
  strictEqual(typo.code, 3, typo.stderr);
  match(typo.stderr, /Cannot find session "lats"\nHint: Did you mean "last"\?/);
  await place.write("b.yaml", AGENT.replace("parrot", "other"));
  strictEqual((await place.run(["apply", "-f", "b.yaml"])).code, 0);
  const foreign = await execute("other", session);
  strictEqual(foreign.code, 2, foreign.stderr);
  match(foreign.stderr, /it is not one of agent "other"/);
});

Deno.test("last is the session that was last talked in, for whatever is done with it", async () => {
  await using place = await furnished();
  const none = await place.run(["session", "get", "last"]);
  strictEqual(none.code, 3, none.stderr);
  match(none.stderr, /Cannot find the last session: there is none/);
  const first = await begin(place, "first");
  const second = await begin(place, "second");
  const words = ["agent", "execute", "parrot", "again", "--session", first];
  strictEqual((await place.run(words)).code, 0);
  const got = await place.json(["session", "get", "last", "-o", "json"]);
  strictEqual(textAt(got, "metadata.id"), first);
  const exported = await place.run(["session", "export", "last"]);
  ok(exported.stdout.includes(`Session ${first}`), exported.stderr);
  const forked = ["session", "fork", "last"];
  const fork = await place.run(forked);
  ok(
    fork.stderr.includes(
      `stigmer agent execute parrot MESSAGE --session ${fork.stdout.trim()}`,
    ),
    fork.stderr,
  );
  const json = await place.json([...forked, "-o", "json"]);
  strictEqual(textAt(json, "spec.forkedFromSessionId"), first);
  const slip = await place.run(["session", "get", "lst"]);
  strictEqual(slip.code, 3, slip.stderr);
  match(slip.stderr, /Cannot find session "lst"\nHint: Did you mean "last"\?/);
  const talk = ["agent", "execute", "parrot", "b", "--session", second];
  strictEqual((await place.run(talk)).code, 0);
  const gone = await place.run(["session", "delete", "last", "--yes"]);
  strictEqual(gone.stdout, `session/${second} deleted\n`);
});
