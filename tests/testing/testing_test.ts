import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { pick } from "../cli/program.ts";
import { agentText, createScene, endsOf } from "./scene.ts";

const AGENT = agentText("reviewer", { instructions: "Review texts." });
const FLOW = `document: { dsl: 1.0.3, namespace: t, name: flow, version: 1.0.0 }
do:
  - ask: { call: agent, with: { agent: reviewer, message: "\${ .text }" } }
  - end: { set: { said: "\${ . }", region: "\${ $env.REGION }" } }
`;
const SCRIPT = `turns:
  - { when: { message: shorter }, say: Cut the end., repeat: true }
  - { when: { message: break }, error: { status: 400, message: Not today } }
  - { say: "It reads well: \${message}", repeat: true }
`;

Deno.test("stigmer test says what came of each case, and ends with 1 where one failed", async () => {
  await using scene = await createScene({
    "agents/a.yaml": AGENT,
    "agents/s.yaml": SCRIPT,
    "agents/tests.yaml": `agent: a.yaml
cases:
  - name: praises
    message: Some text
    expect:
      output: { contains: reads well, not: sorry }
      toolCalls: none
      limits: { turns: 1, toolCalls: 0, duration: 30s }
  - name: remembers what was said
    messages: [Some text, Make it shorter]
    expect: { output: { equals: Cut the end. }, limits: { turns: 2 } }
  - name: fails as it shall
    message: break
    expect: { error: Not today }
  - name: is another one
    message: Some text
    expect: { output: { matches: "^It (sings|rhymes)" }, limits: { tokens: 1 } }
  - name: costs
    message: Hello
    model: anthropic/claude-sonnet-4-5
  - name: is for later
    message: Hello
    skip: the model is not there yet
`,
  });
  const ran = await scene.test("--junit", "out.xml");
  strictEqual(ran.code, 1, ran.stderr);
  match(ran.stdout, /^CASE +RESULT +TURNS +CALLS +TOKENS +COST +TIME\n/);
  match(ran.stdout, /\npraises +passed +1 +0 +\d+ +\d/);
  match(ran.stdout, /\nremembers what was said +passed +2 /);
  match(ran.stdout, /\nfails as it shall +passed /);
  match(ran.stdout, /\n3 passed, 1 failed, 2 skipped in /);
  match(
    ran.stderr,
    /failed is another one .*\n {2}at agents\/tests\.yaml:15\n/,
  );
  match(
    ran.stderr,
    /output: expected to match \/\^It \(sings\|rhymes\)\/, got "It reads well: Some text"/,
  );
  match(ran.stderr, /tokens: expected 1 at the most, got \d+/);
  match(ran.stderr, /skipped costs \(it asks a model, which takes --live\)/);
  match(ran.stderr, /skipped is for later \(the model is not there yet\)/);
  // Neither the user's home nor a temporary file is left behind.
  deepStrictEqual(scene.leftovers(), []);
  await Deno.stat(scene.home).then(
    () => ok(false, "the home folder was made"),
    () => {},
  );
  const xml = await Deno.readTextFile(`${scene.folder}/out.xml`);
  match(xml, /<testsuite name="agents\/tests\.yaml" .*tests="6" failures="1"/);
});

Deno.test("stigmer test runs workflows, with variables and secrets of the case", async () => {
  const secret = "canary-4711-tulip";
  await using scene = await createScene({
    "f.yaml": FLOW.replace("do:", "use: { secrets: [TOKEN] }\ndo:"),
    "a.yaml": AGENT,
    "s.yaml": `turns: [{ say: "heard \${message}", repeat: true }]\n`,
    "flow.tests.yaml": `workflow: f.yaml
definitions: a.yaml
environment: { REGION: eu }
secrets: { TOKEN: "\${CI_TOKEN}" }
cases:
  - name: hands on
    input: { text: "some text" }
    expect:
      output: { has: { said: { contains: heard some text }, region: eu } }
      limits: { turns: 1 }
  - name: shows no secret
    input: { text: '${secret}' }
    expect: { output: { contains: nothing } }
`,
  });
  const words = ["test", "-o", "json"];
  const none = await scene.run(words);
  strictEqual(none.code, 1);
  match(none.stderr, /Secret "TOKEN" is to come from variable "CI_TOKEN"/);
  const ran = await scene.run(words, { env: { CI_TOKEN: secret } });
  const json = JSON.parse(ran.stdout);
  strictEqual(pick(json, "cases.0.outcome"), "passed", ran.stderr);
  strictEqual(pick(json, "cases.1.outcome"), "failed", ran.stderr);
  deepStrictEqual(pick(json, "counts.passed"), 1);
  ok(!(ran.stdout + ran.stderr).includes(secret), ran.stderr);
});

Deno.test("each case works in a copy of its workspace", async () => {
  const add = "call: { tool: filesystem_write_file, arguments: " +
    '{ path: "${workingDirectory}/made.md", content: "${message}" } }';
  const list = "call: { tool: filesystem_list_directory, arguments: " +
    '{ path: "${workingDirectory}" } }';
  const one = (name: string): string =>
    `  - name: ${name}
    message: ${name}
    script: write.yaml
    expect:
      output: { contains: "[FILE] made.md", not: "[FILE] other" }
      toolCalls:
        only: true
        calls:
          - { tool: "*_write_file", arguments: { content: ${name} } }
          - filesystem_list_directory
`;
  await using scene = await createScene({
    "a.yaml": AGENT + "  mcpServers: [{ name: filesystem }]\n",
    "write.yaml": `turns:
  - ${add}
  - ${list}
  - say: "\${toolResult}"
`,
    "files/old.md": "old",
    "tests.yaml": `agent: a.yaml\nworkspace: files\ncases:\n${one("first")}${
      one("second")
    }`,
  });
  const ran = await scene.test("--jobs", "2");
  strictEqual(ran.code, 0, ran.stderr);
  deepStrictEqual(
    [...Deno.readDirSync(`${scene.folder}/files`)].map((it) => it.name),
    ["old.md"],
  );
  deepStrictEqual(scene.leftovers(), []);
});

Deno.test("a wrong file of tests ends with 2, and nothing is run", async () => {
  await using scene = await createScene({
    "a.yaml": AGENT,
    "s.yaml": SCRIPT,
    "tests.yaml": `agent: a.yaml
cases:
  - name: praises
    message: Hi
    expekt: { output: well }
`,
    "many.tests.yaml": `agent: both.yaml
cases: [{ name: a, message: Hi }]
`,
    "gone.tests.yaml": "agent: gone.yaml\ncases: [{ name: a, message: Hi }]\n",
    "lost.tests.yaml":
      "agent: a.yaml\ncases:\n  - name: a\n    message: Hi\n    definitions: more.yaml\n",
    "slip.tests.yaml":
      "agent: a.yaml#reviever\ncases: [{ name: a, message: Hi }]\n",
    "text.tests.yaml": "Nothing but words\n",
    "both.yaml": `${AGENT}---\n${AGENT.replace("reviewer", "other")}`,
  });
  const slip = await scene.test("-f", "tests.yaml");
  strictEqual(slip.code, 2, slip.stderr);
  match(slip.stderr, /^tests\.yaml:5:5: error: Unknown field "expekt"/);
  match(slip.stderr, /\n5? *\| +\^+\n/);
  match(slip.stderr, /hint: Did you mean "expect"\?/);
  match(slip.stderr, /1 error, nothing was tested/);
  const several = await scene.test("many.tests.yaml");
  strictEqual(several.code, 2);
  match(
    several.stderr,
    /^many\.tests\.yaml:1:8: error: Case "a": "both\.yaml" h/,
  );
  match(several.stderr, /holds the agents reviewer, other/);
  match(several.stderr, /\n *1 \| agent: both\.yaml\n *\| {8}\^{9}\n/);
  match(several.stderr, /1 error, nothing was tested/);
  match(several.stderr, /Choose one, as both\.yaml#reviewer/);
  const gone = await scene.test("gone.tests.yaml", "--junit", "out.xml");
  strictEqual(gone.code, 2);
  match(
    gone.stderr,
    /^gone\.tests\.yaml:1:8: error: Case "a": Cannot read "gone\.yaml"/,
  );
  const lost = await scene.test("lost.tests.yaml", "slip.tests.yaml");
  strictEqual(lost.code, 2);
  match(
    lost.stderr,
    /^lost\.tests\.yaml:3:5: error: Case "a": Cannot read "more\.yaml"/,
  );
  match(
    lost.stderr,
    /slip\.tests\.yaml:1:8: error: Case "a": there is no agent "reviever" in/,
  );
  match(lost.stderr, /hint: Did you mean "reviewer"\?/);
  match(lost.stderr, /2 errors, nothing was tested/);
  const text = await scene.test("text.tests.yaml");
  match(text.stderr, /text\.tests\.yaml:1:1: error: The file holds no tests: /);
  const none = await scene.test("-f", "tests.yaml", "--jobs", "0");
  strictEqual(none.code, 2);
  deepStrictEqual(scene.leftovers(), []);
});

Deno.test("folders that lead to themselves are looked through once", async () => {
  if (Deno.build.os === "windows") return;
  await using scene = await createScene({
    "a.yaml": AGENT,
    "s.yaml": SCRIPT,
    "deep/s.yaml": SCRIPT,
    "deep/tests.yaml": `agent: ../a.yaml
cases: [{ name: praises, message: Hi }]
`,
  });
  await Deno.symlink(".", `${scene.folder}/deep/again`);
  await Deno.symlink("..", `${scene.folder}/deep/above`);
  const ran = await scene.test("-o", "jsonl");
  strictEqual(endsOf(ran), "passed praises\n", ran.stderr);
});

Deno.test("-o name prints names, and --record says that it recorded nothing", async () => {
  await using scene = await createScene({
    "a.yaml": AGENT,
    "s.yaml": SCRIPT,
    "tests.yaml": `agent: a.yaml
cases: [{ name: praises, message: Hi }, { name: skips, message: Hi, skip: no }]
`,
  });
  const ran = await scene.test("--record", "-o", "name");
  strictEqual(ran.code, 0, ran.stderr);
  strictEqual(ran.stdout, "praises\nskips\n");
  match(
    ran.stderr,
    /Nothing was recorded: no case that ran names a cassette\n/,
  );
});

Deno.test("a case that would wait for a person fails at once", async () => {
  await using scene = await createScene({
    "f.yaml": FLOW.replace(
      /do:[^]*/,
      "do:\n  - ask: { call: human, with: { prompt: Shall it go on? } }\n",
    ),
    "tests.yaml": "workflow: f.yaml\ncases: [{ name: asks }]\n",
  });
  const ran = await scene.test("-q");
  strictEqual(ran.code, 1, ran.stderr);
  match(ran.stderr, /asks a person "Shall it go on\?", and nobody answers/);
  match(ran.stdout, /^0 passed, 1 failed in \d/);
  deepStrictEqual(scene.leftovers(), []);
});

Deno.test("a run that fails for want of a model is no run that fails as it shall", async () => {
  const fails = "expect: { status: FAILED }";
  await using scene = await createScene({
    "a.yaml": AGENT,
    "once.yaml": "turns: [{ when: { message: else }, say: well }]\n",
    "deep/b.yaml": agentText("lost", {
      instructions: "Review texts.",
      more: '  model: { name: "script:gone.yaml" }',
    }),
    "real.yaml": agentText("real", {
      instructions: "Review texts.",
      more: "  model: { name: anthropic/claude-sonnet-4-5 }",
    }),
    "s.yaml": SCRIPT,
    "tests.yaml": `cases:
  - { name: asks, agent: real.yaml, message: Hi, ${fails} }
  - { name: reads, agent: a.yaml, script: gone.yaml, message: Hi, ${fails} }
  - { name: finds none, agent: deep/b.yaml, message: Hi, ${fails} }
  - { name: is done, agent: a.yaml, script: once.yaml, message: Hi, ${fails} }
  - { name: goes on, agent: a.yaml, messages: [break, Hi], ${fails} }
  - { name: fails, agent: a.yaml, messages: [Hi, break], ${fails} }
`,
  });
  const ran = await scene.test("-o", "jsonl");
  strictEqual(
    endsOf(ran),
    "failed asks\nfailed reads\nfailed finds none\nfailed is done\n" +
      "failed goes on\npassed fails\n",
    ran.stderr,
  );
  match(ran.stderr, /model: Cannot ask "anthropic\/claude-sonnet-4-5": /);
  match(ran.stderr, /There is no script "gone\.yaml"/);
  match(ran.stderr, /model: Cannot read script "[^"]+gone\.yaml"/);
  match(ran.stderr, /model: .*once\.yaml" has no turn left/);
  match(ran.stderr, /message 1 of 2: expected COMPLETED, got FAILED: /);
});

Deno.test("--filter, --fail-fast and --timeout bound what is run", async () => {
  const cases = ["one", "two", "three"].map((name) =>
    `  - { name: ${name}, message: Hi, expect: { output: nothing } }\n`
  ).join("");
  await using scene = await createScene({
    "a.yaml": AGENT,
    "s.yaml": `turns: [{ say: late, delayMs: 60000 }]\n`,
    "tests.yaml": `agent: a.yaml\ncases:\n${cases}`,
  });
  const words = ["--jobs", "1", "--fail-fast", "--timeout", "200ms"];
  const fast = await scene.test(...words, "-o", "jsonl");
  strictEqual(fast.code, 1);
  strictEqual(endsOf(fast), "failed one\nstopped two\nstopped three\n");
  match(fast.stderr, /expected COMPLETED, got FAILED: .*within 0\.2 s/);
  const two = await scene.test(...words, "--filter", "TWO", "-o", "jsonl");
  strictEqual(endsOf(two), "failed two\n");
  const none = await scene.test("--filter", "four");
  strictEqual(none.code, 2);
  match(none.stderr, /No case has a name that contains "four"/);
});

Deno.test("an expression that would take for ever fails its case alone", async () => {
  await using scene = await createScene({
    "a.yaml": AGENT,
    "s.yaml": `turns: [{ say: "${"a".repeat(60)}!", repeat: true }]\n`,
    "tests.yaml": `agent: a.yaml
cases:
  - { name: slow, message: Hi, expect: { output: { not: { matches: "^(a+)+$" } } } }
  - { name: fast, message: Hi, expect: { output: { matches: "^(a|b)" } } }
`,
  });
  const ran = await scene.test("-o", "jsonl");
  strictEqual(endsOf(ran), "failed slow\npassed fast\n", ran.stderr);
  match(ran.stderr, /\/\^\(a\+\)\+\$\/ takes more than 2 s on a text of 61/);
});

Deno.test("Ctrl-C ends the tests, tells what was done and leaves nothing behind", async () => {
  if (Deno.build.os === "windows") return;
  await using scene = await createScene({
    "a.yaml": AGENT,
    "s.yaml":
      `turns:\n  - { when: { message: wait }, say: late, delayMs: 60000 }\n  - say: well\n`,
    "tests.yaml": `agent: a.yaml
cases:
  - { name: fast, message: Hi, expect: { output: well } }
  - { name: slow, message: wait }
`,
  });
  const started = scene.start(["test", "--jobs", "1"], {
    env: { TMPDIR: `${scene.folder}/tmp` },
  });
  await started.said("passed fast");
  started.kill("SIGINT");
  const ran = await started.ended;
  strictEqual(ran.code, 130, ran.stderr);
  match(ran.stdout, /1 passed, 1 stopped in /);
  match(ran.stderr, /stopped slow \(while it ran\)/);
  deepStrictEqual(scene.leftovers(), []);
});

Deno.test("a recording that is broken off leaves the cassette that was there", async () => {
  if (Deno.build.os === "windows") return;
  await using scene = await createScene({
    "a.yaml": AGENT,
    "s.yaml": `turns: [{ say: well }]\n`,
    "tests.yaml": `agent: a.yaml
cases: [{ name: says, message: Hi, cassette: c.yaml }]
`,
  });
  const recorded = await scene.test("--record");
  strictEqual(recorded.code, 0);
  ok(!recorded.stderr.includes("Nothing was recorded"), recorded.stderr);
  const before = await Deno.readTextFile(`${scene.folder}/c.yaml`);
  await scene.write("s.yaml", `turns: [{ say: late, delayMs: 60000 }]\n`);
  const slow = await scene.test("--record", "--timeout", "300ms");
  strictEqual(slow.code, 1, slow.stderr);
  match(slow.stderr, /within 0\.3 s/);
  strictEqual(await Deno.readTextFile(`${scene.folder}/c.yaml`), before);
});

Deno.test("the tested example passes, with a cassette of another folder", async () => {
  await using scene = await createScene({});
  const example = fileURLToPath(
    new URL("../../examples/tested", import.meta.url),
  );
  const ran = await scene.test("-f", example, "-o", "jsonl");
  strictEqual(ran.code, 0, ran.stderr);
  strictEqual(endsOf(ran).match(/^passed /gm)?.length, 3);
});

Deno.test("the example with one tool server for a workflow and an agent passes", async () => {
  await using scene = await createScene({});
  const example = fileURLToPath(
    new URL("../../examples/calendar", import.meta.url),
  );
  const ran = await scene.test("-f", example, "-o", "jsonl");
  strictEqual(ran.code, 0, ran.stderr);
  strictEqual(endsOf(ran).match(/^passed /gm)?.length, 2);
});
