import assert from "node:assert/strict";
import type { JournalEvent } from "../../src/model/durable.ts";
import type { ExecutionRecord } from "../../src/model/execution.ts";
import { isJsonObject, member } from "../../src/model/json.ts";
import type { WireAnswer } from "../servers/answering_provider.ts";
import {
  callOf,
  endsOf,
  openScene,
  type Question,
  type Scene,
} from "./kill_scene.ts";

/** Long enough that two of them fill the window. */
const LONG = "All work and no play. ".repeat(280);
const WINDOW_TOKENS = 2500;
/** Commits of the journals of one round at the most, and at the least. */
const COMMITS_MAX = 60;
const COMMITS_MIN = 12;
/** By the first word of the message. */
const ANSWERS: Readonly<Record<string, RegExp>> = {
  run: /^(?:All is done|The help) #\d+$/,
  then: /^That was all #\d+$/,
};

/** Each answer says which one it is, so that the journal tells who was paid. */
function answer(question: Question): WireAnswer {
  const { number, agent, message, results } = question;
  const text = `#${number}`;
  // Who summarises is no agent of the team.
  if (agent === "") {
    return { kind: "answer", text: `They read a manual ${text}` };
  }
  const call = (name: string, args: unknown) => ({
    id: name,
    name,
    argumentsText: JSON.stringify(args),
  });
  const said = results.join("\n");
  if (agent === "helper") {
    return said === ""
      ? { kind: "answer", text, calls: [callOf("put", message)] }
      : { kind: "answer", text: `The help ${text}` };
  }
  if (message.startsWith("then")) {
    return { kind: "answer", text: `That was all ${text}` };
  }
  if (said === "") {
    const helped = { message: `${message} help` };
    const calls = [
      call("skill_load", { name: "manual" }),
      call("agent_helper", helped),
    ];
    return { kind: "answer", text, calls };
  }
  return said.includes("The help")
    ? {
      kind: "answer",
      text,
      calls: [call("skill_read", { name: "manual", path: "more.md" })],
    }
    : { kind: "answer", text: `All is done ${text}` };
}

/** What stood of each execution when a process was killed. */
type Shot = ReadonlyMap<string, readonly JournalEvent[]>;

for (const when of ["after", "before"] as const) {
  Deno.test({
    name: `a session with sub-agents, a skill and a summary is whole, killed ` +
      `${when} each commit of any of its journals`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using scene = await openScene({ answer });
      await createTeam(scene);
      const shots: Shot[] = [];
      for (let commit = 1; commit <= COMMITS_MAX; commit++) {
        // Each process goes on with what the one before left, and begins anew.
        const how = await scene.obey({
          begin: [
            { agent: "lead", message: `run ${commit}` },
            { agent: "lead", message: `then ${commit}`, follows: true },
          ],
          kill: { when, commit },
        });
        shots.push(shotOf(scene));
        if (how === "ended") break;
      }
      assert(shots.length > COMMITS_MIN && shots.length < COMMITS_MAX);
      for (const shot of shots) checkPaid(scene, shot);
      for (const execution of scene.executions()) checkEnd(scene, execution);
      for (let n = 1; n <= shots.length; n++) checkOrder(scene, n);
    },
  });
}

function shotOf(scene: Scene): Shot {
  return new Map(
    scene.executions().map((it) => [it.id, scene.journal(it)]),
  );
}

/** No answer that was kept is asked for again. */
function checkPaid(scene: Scene, shot: Shot): void {
  for (const event of [...shot.values()].flat()) {
    if (event.type !== "TASK_COMPLETED" || !isTurn(event.path)) continue;
    const text = isJsonObject(event.data) ? member(event.data, "text") : "";
    const number = Number(/#(\d+)/.exec(String(text))?.[1]);
    const paid = scene.questions[number - 1];
    assert(paid !== undefined, `${event.path} says ${text}`);
    const again = scene.questions.find((it) =>
      it.key === paid.key && it.number > number
    );
    assert.equal(again, undefined, `${event.path} was paid twice: ${text}`);
  }
}

function isTurn(path: string): boolean {
  return path.startsWith("/turn/") && !path.includes("/tool/");
}

function checkEnd(scene: Scene, execution: ExecutionRecord): void {
  const { phase, failure, output, spec } = execution;
  const message = String(spec["message"]);
  assert.equal(phase, "COMPLETED", `${message}: ${failure?.detail}`);
  assert.match(String(output), ANSWERS[message.split(" ")[0] ?? ""] ?? /!/);
  const journal = scene.journal(execution);
  assert.deepEqual(
    journal.map((it) => it.sequence),
    journal.map((_, i) => i + 1),
  );
  for (const { path } of journal.filter((it) => it.path !== "")) {
    assert.equal(endsOf(journal, path).length, 1, `${message} ${path}`);
  }
  const isLead = message.startsWith("run") && !message.endsWith("help");
  if (!isLead) return;
  const paths = journal.map((it) => it.path);
  assert(paths.some((it) => it.includes("/summary")), paths.join());
  const children = journal.filter((it) => it.type === "CHILD_STARTED");
  assert.equal(children.length, 1, message);
  const done = scene.tools.ledger.filter((it) => it.text === `${message} help`);
  assert.equal(new Set(done.map((it) => it.idempotencyKey)).size, 1, message);
}

/** Who waits in a session begins with what was said before. */
function checkOrder(scene: Scene, n: number): void {
  const of = (message: string): readonly JournalEvent[] =>
    scene.executions().filter((it) => it.spec["message"] === message)
      .flatMap((it) => scene.journal(it));
  const next = of(`then ${n}`);
  // The kill was before it was asked for.
  if (next.length === 0) return;
  const first = next.find((it) => it.type === "EXECUTION_STARTED");
  const last = of(`run ${n}`).at(-1);
  assert.equal(last?.type, "EXECUTION_COMPLETED");
  assert((first?.timeMs ?? 0) >= last.timeMs);
  const asked = scene.questions.find((it) => it.message === `then ${n}`);
  assert.equal(asked?.answers, 1, `then ${n} knows what was said`);
}

async function createTeam(scene: Scene): Promise<void> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const head = "---\nname: manual\ndescription: When unsure\n---\n";
  await scene.client.pushSkill({
    metadata: { name: "manual" },
    files: [
      { path: "SKILL.md", content: encode(head + LONG) },
      { path: "more.md", content: encode(`More. ${LONG}`) },
    ],
  });
  await scene.client.createAgent({
    agent: {
      metadata: { name: "lead" },
      spec: {
        instructions: "You are lead of a team.",
        model: { ...scene.model, contextWindow: WINDOW_TOKENS },
        skills: ["manual"],
        mcpServers: [{
          name: "ledger",
          transport: { case: "http", value: { url: scene.tools.url } },
        }],
        permissions: { allow: ["ledger"] },
        subAgents: [{
          name: "helper",
          description: "Helps with all",
          instructions: "You are helper of the lead.",
        }],
      },
    },
  });
}
