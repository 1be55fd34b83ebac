/**
 * Command lines about what is defined: agents, workflows, tool servers.
 *
 * @module
 */

import { GREETING } from "../servers/offered_tools.ts";
import { type Course, forms, step } from "./comparing.ts";

const FLOW = `apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: flow, labels: { team: a } }
spec:
  document: { dsl: 1.0.3, namespace: t, name: flow, version: 1.0.0 }
  do:
    - sum: { set: { total: "\${ .a + .b }" } }
`;

/** The files that the command lines read. */
export const FILES: Readonly<Record<string, string>> = {
  "all.yaml": `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: bot, labels: { team: a } }
spec:
  instructions: Answer briefly.
  model: { name: "script:bot.script.yaml" }
---
${FLOW}---
apiVersion: agentic.stigmer.ai/v1
kind: Environment
metadata: { name: prod }
spec: { variables: { REGION: eu } }
---
apiVersion: agentic.stigmer.ai/v1
kind: AgentInstance
metadata: { name: bot-eu }
spec: { agentId: bot, environmentIds: [prod] }
`,
  "pdf/SKILL.md": "---\nname: pdf\ndescription: Reads PDFs\n---\nLook.\n",
  "odd/SKILL.md": "---\nname: Odd\n---\n",
  "flow.yaml": FLOW,
  "changed.yaml": FLOW.replace("total", "sum"),
  "next.yaml": FLOW.replace("name: flow,", "name: next,").replaceAll(
    "name: flow",
    "name: next",
  ),
  "bad.yaml": FLOW.replace("do:", "doo:"),
  "lost.yaml": `apiVersion: agentic.stigmer.ai/v1
kind: AgentInstance
metadata: { name: lost }
spec: { agentId: nobody }
`,
  "agent.yaml": `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: third }
spec: { instructions: Say nothing. }
`,
  "clerk.yaml": `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: clerk }
spec:
  instructions: Say what time it is.
  mcpServers: [{ server: clock }]
`,
  "asks.yaml": `apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: asks }
spec:
  document: { dsl: 1.0.3, namespace: t, name: asks, version: 1.0.0 }
  do: [{ ask: { call: mcp, with: { server: clock, method: tools/list } } }]
`,
  "later.yaml": FLOW,
  "secret.txt": "a-s3cret-of-a-file\n",
};

/** What an IDE asks of what it started, before it ends it. */
const ASKED = [
  GREETING,
  { method: "notifications/initialized" },
  { id: 2, method: "tools/list" },
].map((it) => `${JSON.stringify({ jsonrpc: "2.0", ...it })}\n`).join("");

/** What needs no backend is the same, whichever is used. */
const WITHOUT: Course = [
  [
    step("validate -f flow.yaml -o json"),
    step("validate -f bad.yaml", { code: 2 }),
    step("workflow validate flow.yaml"),
    step("workflow validate bad.yaml", { code: 2 }),
    step("convert -f later.yaml"),
    step("convert -f nothing.yaml", { code: 3 }),
    step("schema agent"),
    step("schema agnet", { code: 2 }),
    step("explain agent.model"),
    step("explain agent.modle", { code: 2, says: /Did you mean "model"/ }),
    step("man agent list"),
    step("man agent lst", { code: 2, says: /Did you mean "agent list"/ }),
    step("version -o json"),
    step("version -o xml", { code: 2 }),
    step("completions bash"),
    step("completions tcsh", { code: 2 }),
    step("agnet list", { code: 2, says: /Did you mean "agent"/ }),
  ],
];

const APPLYING: Course = [
  [
    ...forms("apply -f all.yaml --dry-run"),
    ...forms("diff -f all.yaml", ["json"], { code: 1 }),
  ],
  step("apply -f all.yaml"),
  [
    ...forms("apply -f all.yaml", ["json"]),
    step("apply -f nothing.yaml", { code: 3 }),
    ...forms("apply -f bad.yaml", ["json"], { code: 2 }),
    ...forms("apply -f lost.yaml", ["json"], { code: 2 }),
    step("diff -f all.yaml"),
    ...forms("diff -f changed.yaml", ["json"], { code: 1 }),
    step("diff -f nothing.yaml", { code: 3 }),
    ...forms("get agents,workflows,environments", ["json", "wide", "name"]),
    ...forms("get all", ["yaml"]),
    ...forms("get agent bot", ["json", "yaml"]),
    ...forms("get agent bto", ["json"], { code: 3, says: /bto/ }),
    step("get agnet", { code: 2 }),
    step("get agents -l team=none"),
    step("get agents --limit 0", { code: 2 }),
    step("get agents --page-token nonsense", { code: 2 }),
    step("complete -- nothing get "),
  ],
  // A shell waits for names no longer than a second: nothing runs beside these.
  step("complete -- agent get b"),
  step("complete -- env get "),
];

const AGENTS: Course = [
  { words: ["agent", "create", "helper", "--instructions", "Help people."] },
  {
    words: [
      "agent",
      "create",
      "second",
      "--instructions",
      "Answer no one.",
      "-o",
      "json",
    ],
  },
  step("agent create -f agent.yaml -o yaml"),
  {
    words: ["agent", "create", "helper", "--instructions", "Help no one."],
    code: 5,
  },
  step("agent create nothing", { code: 2 }),
  [
    ...forms("agent list", ["json", "wide", "name", "jsonl"]),
    step("agent list -l team=a"),
    step("agent list --limit 2"),
    step("agent list -l =", { code: 2 }),
    ...forms("agent get bot", ["json", "yaml"]),
    ...forms("agent get helpr", ["json"], { code: 3, says: /helper/ }),
    step("agent get bot --version 1"),
    step("agent get bot --version 9", { code: 3 }),
  ],
  {
    words: [
      "agent",
      "update",
      "helper",
      "--instructions",
      "Help them more.",
      "-m",
      "why",
    ],
  },
  step("agent update helper --model ollama/tiny -o json"),
  step("agent update helper --model nothing/at-all", { code: 2 }),
  {
    words: ["agent", "update", "nobody", "--instructions", "Help nobody."],
    code: 3,
  },
  [
    ...forms("agent versions helper", ["json", "wide"]),
    step("agent versions nobody", { code: 3 }),
    ...forms("agent get helper --version 1", ["yaml"]),
  ],
  step("agent delete helper", { code: 2 }),
  step("agent delete second --yes"),
  step("agent delete helper --yes -o json"),
  step("agent delete helper --yes", { code: 3 }),
  step("agent delete bot --yes", { code: 5 }),
];

const WORKFLOWS: Course = [
  step("workflow create next.yaml"),
  step("workflow create next.yaml", { code: 5 }),
  step("workflow create bad.yaml", { code: 2 }),
  [
    ...forms("workflow list", ["json", "name"]),
    step("workflow list --limit x", { code: 2 }),
    ...forms("workflow get next", ["json", "yaml"]),
    step("workflow get nxt", { code: 3, says: /next/ }),
    ...forms("workflow graph next", ["dot", "json"]),
    step("workflow graph flow.yaml"),
    step("workflow graph nxt", { code: 3 }),
  ],
  step("workflow update next.yaml"),
  step("workflow update changed.yaml -m better -o json"),
  step("workflow update bad.yaml", { code: 2 }),
  [
    ...forms("workflow versions flow", ["json"]),
    step("workflow versions nobody", { code: 3 }),
  ],
  step("workflow delete next --yes"),
  step("workflow delete next --yes", { code: 3 }),
  step("delete workflow flow --yes"),
  step("delete workflow flow --yes", { code: 3 }),
  step("delete -f lost.yaml --yes", { code: 3 }),
];

const SKILLS: Course = [
  step("skill validate pdf"),
  step("skill validate odd", { code: 2 }),
  step("skill push pdf --tag v1"),
  step("skill push pdf -o json"),
  step("skill push odd", { code: 2 }),
  [
    ...forms("skill list", ["json", "name"]),
    step("skill list --limit x", { code: 2 }),
    ...forms("skill get pdf@v1", ["json"]),
    step("skill get pdf --file SKILL.md"),
    step("skill get pfd", { code: 3, says: /pdf/ }),
    ...forms("skill versions pdf", ["json"]),
    step("skill versions nothing", { code: 3 }),
  ],
  step("skill tag pdf stable"),
  step("skill tag pdf latest", { code: 2 }),
  step("skill untag pdf stable"),
  step("skill untag pdf stable", { code: 3 }),
  step("skill delete pdf --yes"),
  step("skill delete pdf --yes", { code: 3 }),
];

const MCP_SERVERS: Course = [
  step("mcp create clock --catalog time"),
  step("mcp create notes --catalog filesystem -o json -- notes"),
  step("mcp create wiki --url https://wiki.example.com/mcp --header A=b"),
  step("mcp create clock --catalog time", { code: 5 }),
  step("mcp create lost", { code: 2 }),
  step("mcp create lost --catalog tmie", { code: 2, says: /time/ }),
  [
    ...forms("mcp list", ["json", "wide", "name"]),
    step("mcp list --limit x", { code: 2 }),
    ...forms("mcp get notes", ["json", "yaml"]),
    step("mcp get nots", { code: 3, says: /notes/ }),
    ...forms("get mcp-servers", ["json"]),
  ],
  step("agent create reader --instructions Read.it.all --mcp-server notes"),
  step("agent create lost --instructions Read.it.all --mcp-server nots", {
    code: 2,
    says: /notes/,
  }),
  step("agent delete reader --yes"),
  step("mcp tools clock -o json"),
  step("mcp tools nobody", { code: 3 }),
  step("mcp call clock days_in_month --arg date=2026-02-01"),
  step("mcp call clock days_in_mont", { code: 3, says: /days_in_month/ }),
  step("mcp trust clock --yes", { says: /Nothing changed|tool\/\w+ trusted/ }),
  step("mcp trust clock days_in_month --forget --yes -o json"),
  step("mcp trust clock days_in_mont --yes", {
    code: 3,
    says: /days_in_month/,
  }),
  [
    step("mcp trust nobody --yes", { code: 3 }),
    step("mcp login clock --no-browser", { code: 5, says: /a program/ }),
    step("mcp login nobody --no-browser", { code: 3 }),
    step("mcp logout clock", { code: 5, says: /a program/ }),
    step("mcp logout nobody", { code: 3 }),
    step("mcp serve", { stdin: ASKED, says: /"name":"bot"/ }),
    step("mcp serve 127.0.0.1:0", { code: 2, says: /--http/ }),
  ],
  step("mcp update notes -m tidy --tool read_text_file"),
  step("mcp update notes --header A=b", { code: 2 }),
  step("mcp update nobody --catalog time", { code: 3 }),
  [
    ...forms("mcp versions notes", ["json"]),
    step("mcp versions nobody", { code: 3 }),
    ...forms("mcp get notes --version 1", ["yaml"]),
  ],
  step("apply -f clerk.yaml"),
  step("apply -f asks.yaml"),
  step("mcp delete clock --yes", {
    code: 5,
    says: /agent "clerk", workflow "asks"/,
  }),
  [
    step("mcp get clock -o json"),
    step("mcp get clock", { says: /Workflows: +asks/ }),
    step("mcp list -o wide", { says: /asks/ }),
  ],
  step("mcp delete notes", { code: 2 }),
  step("mcp delete notes wiki --yes"),
  step("mcp delete notes --yes", { code: 3 }),
];

/** All of it in order. */
export const DEFINITIONS: Course = [
  ...WITHOUT,
  ...APPLYING,
  ...AGENTS,
  ...WORKFLOWS,
  ...SKILLS,
  ...MCP_SERVERS,
];
