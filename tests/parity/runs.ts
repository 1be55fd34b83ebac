/**
 * Command lines about what runs: executions, conversations, schedules, events.
 *
 * @module
 */

import { SCRIBE } from "../cli/scribe.ts";
import { type Course, forms, step } from "./comparing.ts";
import { withoutKey } from "./keeping.ts";

const head = (name: string): string =>
  `document: { dsl: 1.0.3, namespace: t, name: ${name}, version: 1.0.0 }\n`;

/** The files that the command lines read, and those that the runs read. */
export const RUN_FILES: Readonly<Record<string, string>> = {
  "bot.script.yaml": `turns:
  - when: { message: { contains: fail } }
    say: "\${nothing.here}"
  - when: { message: { matches: "^(.*)$" } }
    say: "heard \${match.1}"
`,
  "scribe.script.yaml": `turns:
  - when: { message: both }
    calls:
      - { tool: workspace_write, arguments: { path: kept/1.txt, content: a } }
      - { tool: workspace_todo, arguments: { items: [] } }
      - { tool: workspace_edit, arguments: { path: kept/1.txt, edits: [{ oldText: a, newText: b }] } }
  - { when: { toolResult: { matches: "." } }, say: done, repeat: true }
  - call: { tool: workspace_write, arguments: { path: kept/2.txt, content: c } }
    repeat: true
`,
  "all.yaml": `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: bot }
spec:
  instructions: Answer briefly.
  model: { name: "script:bot.script.yaml" }
---
${SCRIBE}---
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: ask }
spec:
  ${head("ask")}  do:
    - sure: { call: human, with: { prompt: "Sure?", outcomes: [yes, no] } }
---
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: nightly }
spec:
  ${head("nightly")}  schedule: { cron: "0 3 1 1 *" }
  do:
    - rest: { set: { a: 1 } }
`,
  "sum.yaml": `${head("sum")}do:
  - sum: { set: { total: "\${ .a + .b }" } }
  - read: { run: { shell: { command: "cat note.txt" } } }
`,
  "fail.yaml": `${head("fail")}do:
  - first: { set: { a: 1 } }
  - broken: { raise: { error: { type: "https://example.com/no", status: 500, title: No } } }
`,
  "secret.yaml": `${head("secret")}use: { secrets: [TOKEN] }
do:
  - use: { set: { has: "\${ $secrets.TOKEN | length > 3 }" } }
`,
  "slow.yaml": `${head("slow")}do:
  - pause: { wait: { minutes: 10 } }
`,
  "note.txt": "a note\n",
  "secret.txt": "a-s3cret-of-a-file\n",
  "events.yaml":
    "type: com.example.done\nsource: /tests\nid: '1'\ndata: { a: 1 }\n",
};

/** How long it took is not what is compared. */
const spans = (text: string): string =>
  text.replaceAll(
    /"(?:durationMs|inputTokens|delayMs)": ?"?[\d.]+"?/g,
    "<span>",
  )
    .replaceAll(/\b(?:TASK|EXECUTION)_\w+ +\S+ms\b/g, "<span>");

/** A busy machine takes an answer later: that is told, and kept. */
const taken = (text: string): string =>
  text.replaceAll(/^.* has not taken it yet.*\n/gm, "");

const ID = /"id": "((?:wex|aex)-\w+)"/;

const RUNNING: Course = [
  step("apply -f all.yaml"),
  step("run sum.yaml --input a=1 --input b=2", { says: /a note/ }),
  step("run sum.yaml --input a=1 --input b=2 -o json -q", {
    take: { sum: ID },
    level: spans,
  }),
  step("run fail.yaml", { code: 1 }),
  step("run fail.yaml -o json", {
    code: 1,
    take: { failed: ID },
    level: spans,
  }),
  step("run nothing.yaml", { code: 3 }),
  step("run ask --timeout 1s", { code: 124 }),
  step("run secret.yaml", {
    code: 2,
    says: /TOKEN/,
    // Whose variables they are is said where it could be doubted.
    level: (text) => text.replace(" for the server itself", ""),
  }),
  step("run secret.yaml --secret TOKEN=-", {
    stdin: "a-s3cret\n",
    level: withoutKey,
    says: /has/,
  }),
  step("run secret.yaml --secret-file TOKEN=secret.txt", { says: /has/ }),
  step("workflow execute nothing", { code: 3 }),
  step("agent execute bot hello", { says: /heard hello/ }),
  step("agent execute bot again --session last -o json", {
    take: { said: ID },
    level: spans,
  }),
  step("agent execute bto hello", { code: 3, says: /bot/ }),
  step("agent chat bot", { stdin: "one\n\ntwo\n", says: /heard two/ }),
  step("agent chat bto", { stdin: "one\n", code: 3 }),
  step("workflow execute ask --detach -o name", { take: { ask: /wex-\w+/ } }),
  step("execution wait {ask} --for waiting"),
];

const LOOKING: Course = [
  [
    step("execution get {sum} -o json", { level: spans }),
    step("execution get {ask}", { says: /Sure/ }),
    step("execution get wex-nothing", { code: 3 }),
    step("execution logs {failed}"),
    step("execution logs {failed} --follow -o json"),
    step("execution logs wex-nothing", { code: 3 }),
    step("execution watch {sum}"),
    step("execution watch {failed}", { code: 1 }),
    step("execution watch wex-nothing", { code: 3 }),
    step("execution trace {sum}"),
    step("execution trace {failed} -o json", { level: spans }),
    step("execution trace wex-nothing", { code: 3 }),
    step("execution wait {sum}"),
    step("execution wait wex-nothing", { code: 3 }),
    ...forms("execution list --phase failed", ["json"], { level: spans }),
    step("execution list --phase nothing", { code: 2 }),
    step("workflow graph --execution {sum}"),
    ...forms("execution artifacts {sum}"),
    step("execution artifacts {sum} nothing", { code: 3 }),
    ...forms("session list", ["json"]),
    step("session list --agent nobody", { code: 3 }),
    step("session list -o name --limit 1", { take: { session: /ses-\w+/ } }),
    step("session get ses-nothing", { code: 3 }),
  ],
  [
    ...forms("session get {session}"),
    step("session export {session}", { says: /heard/ }),
    step("session export ses-nothing", { code: 3 }),
  ],
];

const STEERING: Course = [
  step("execution respond {ask} --outcome maybe", { code: 2, says: /yes/ }),
  step("execution respond {ask} --outcome yes", { level: taken }),
  step("execution wait {ask}"),
  step("execution respond {ask} --outcome yes", { code: 5 }),
  step("run slow.yaml --detach -o name", { take: { slow: /wex-\w+/ } }),
  step("execution wait {slow} --for waiting"),
  step("execution signal {slow} hello --data 1"),
  step("execution signal wex-nothing hello", { code: 3 }),
  step("execution pause {slow}"),
  step("execution wait {slow} --for paused"),
  step("execution resume {slow} --detach"),
  step("execution wait {slow} --for waiting"),
  step("execution cancel {slow} --reason enough"),
  step("execution wait {slow}", { code: 130 }),
  step("execution cancel {slow}"),
  step("execution cancel wex-nothing", { code: 3 }),
  step("execution pause {slow}", { code: 5 }),
  step("execution resume wex-nothing", { code: 3 }),
  step("execution retry {failed}", { code: 1 }),
  step("execution retry {failed} --from nothing", { code: 2 }),
  step("session fork {session}", { take: { fork: /ses-\w+/ } }),
  step("session fork ses-nothing", { code: 3 }),
  step("session delete {session} --yes", { code: 5 }),
  step("session delete {fork} --yes"),
  step("session delete {session} --yes"),
  step("session delete {session} --yes", { code: 3 }),
];

/** What is asked about calls, and what answers it. */
const APPROVING: Course = [
  step("agent execute scribe both --detach -o name", {
    take: { two: /aex-\w+/ },
  }),
  step("agent execute scribe one --detach -o name", {
    take: { one: /aex-\w+/ },
  }),
  step("execution wait {two} --for waiting"),
  step("execution wait {one} --for waiting"),
  [
    step("execution get {two}", { says: /Asks: .*write/ }),
    step("execution approve {two}", { code: 5, says: /2 wait/ }),
    step("execution skip {two} workspace_wriet", {
      code: 3,
      says: /Did you mean "workspace_write"/,
    }),
    step("execution reject {two} nothing", { code: 3 }),
    step("execution approve aex-nothing", { code: 3 }),
    step("execution reject aex-nothing", { code: 3 }),
    step("execution approve {session}", {
      code: 3,
      says: /stigmer execution list --session ses-/,
    }),
    step("execution skip {sum}", { code: 5 }),
    step("execution reject {ask}", { code: 5, says: /respond/ }),
    step("execution respond {one} --outcome maybe", { code: 2 }),
  ],
  step("execution reject {two} workspace_edit --reason later", {
    level: taken,
  }),
  step("execution skip {two} --all -o name", { level: taken }),
  step("execution wait {two}"),
  step("execution approve {one} --always", { level: taken }),
  step("execution wait {one}"),
  step("agent execute scribe more --session last", { says: /done/ }),
  [
    step("execution approve {one}", {
      code: 5,
      says: /answer was .*"approve"/,
    }),
    step("execution skip {two} workspace_write", { code: 5, says: /skip/ }),
    step("execution trace {one}", { says: /always approved/ }),
  ],
];

const STARTING: Course = [
  [
    ...forms("schedule list"),
    step("schedule list --limit 0", { code: 2 }),
    ...forms("schedule get nightly"),
    step("schedule get ask", { code: 3 }),
  ],
  step("schedule pause nightly"),
  step("schedule pause nothing", { code: 3 }),
  step("schedule resume nightly -o json"),
  step("schedule resume nothing", { code: 3 }),
  step("event publish -f events.yaml"),
  step(
    "event publish --type com.example.more --id 2 --source /t --data 1 -o json",
  ),
  step("event publish", { code: 2 }),
  [
    ...forms("event list", ["json"]),
    step("event list --since never", { code: 2 }),
  ],
];

/** All of it in order. */
export const RUNS: Course = [
  ...RUNNING,
  ...LOOKING,
  ...APPROVING,
  ...STEERING,
  ...STARTING,
];
