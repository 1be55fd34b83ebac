import assert from "node:assert/strict";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { ExecutionRecord } from "../../src/model/execution.ts";
import type { WireAnswer } from "../servers/answering_provider.ts";
import { until } from "../until.ts";
import {
  callOf,
  createClerk,
  endsOf,
  journalOf,
  openScene,
  type Question,
  type Scene,
  within,
} from "./kill_scene.ts";
import { PROGRAM_ARGS } from "../stigmer_program.ts";

/** Processes that go on with runs, one after another, at the most. */
const PROCESSES_MAX = 30;
const IS_WINDOWS = Deno.build.os === "windows";

/** Books, and looks meanwhile where the message says so. */
function answer({ message, results }: Question): WireAnswer {
  if (results.length > 0) return { kind: "answer", text: results.join(" | ") };
  const tools = message.includes("looking") ? ["look", "book"] : ["book"];
  return { kind: "answer", calls: tools.map((it) => callOf(it, message)) };
}

function runOf(scene: Scene, message: string): ExecutionRecord {
  const found = scene.executions()
    .find((it) => it.spec["message"] === message);
  assert(found !== undefined, `there is no run "${message}"`);
  return found;
}

/** How often the tool that must not be called twice was called. */
function booked(scene: Scene, message: string): number {
  return scene.tools.ledger
    .filter((it) => it.tool === "book" && it.text === message).length;
}

/** Waits until each of the runs asks. */
async function asks(
  scene: Scene,
  messages: readonly string[],
): Promise<void> {
  for (const message of messages) {
    await until(async () => {
      if (journalOf(scene, message).length === 0) return false;
      const { id } = runOf(scene, message);
      const { execution } = await scene.client.getExecution({ id });
      return execution?.status?.tasks.some((it) => it.human !== undefined);
    });
  }
}

/** Runs the program as a person in another process does. */
async function type(
  scene: Scene,
  words: readonly string[],
): Promise<{ readonly code: number; readonly stderr: string }> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...PROGRAM_ARGS, "execution", ...words],
    env: { STIGMER_HOME: scene.home, STIGMER_KEY_SOURCE: "key-file" },
    stdout: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test({
  name: "a call that is asked about in a process which is killed is answered " +
    "in another one, and a third goes on",
  ignore: IS_WINDOWS,
  async fn() {
    const killed = Promise.withResolvers<void>();
    await using scene = await openScene({
      answer,
      beforeCall: ({ tool }) => tool === "look" ? killed.promise : undefined,
    });
    await createClerk(scene, []);
    const messages = ["approve, looking", "reject", "skip", "always"];
    const first = scene.start({
      begin: messages.map((message) => ({ agent: "clerk", message })),
    });
    await asks(scene, messages);
    await until(() => scene.tools.ledger.length === 1);
    await until(() => runOf(scene, "skip").phase === "WAITING");
    first.kill("SIGKILL");
    await within(first);
    killed.resolve();
    scene.endLeases();
    const ids = messages.map((it) => runOf(scene, it).id);
    const [approved = "", rejected = "", skipped = "", always = ""] = ids;
    const { client } = scene;
    for (
      const words of [
        ["approve", approved, "ledger_book"],
        ["approve", always, "--always"],
      ]
    ) {
      const { code, stderr } = await type(scene, words);
      assert.equal(code, 0, `${words}: ${stderr}`);
    }
    const answers = [
      { id: rejected, outcome: "reject", comment: "not today" },
      { id: skipped, outcome: "skip" },
    ];
    for (const it of answers) await client.respondExecution(it);
    // The first answer counts.
    await assert.rejects(
      client.respondExecution({ id: rejected, outcome: "approve" }),
      /the last answer was "reject" by local-user/,
    );
    assert.equal(await scene.obey({ begin: [] }), "ended");
    const outputs = messages.map((it) => String(runOf(scene, it).output));
    assert.match(outputs[0] ?? "", /look did .+ \| book did approve, looking/);
    assert.match(outputs[1] ?? "", /rejected the call .+: not today\./);
    assert.match(outputs[2] ?? "", /A person skipped the call/);
    assert.match(outputs[3] ?? "", /book did always/);
    assert.deepEqual(
      messages.map((it) => booked(scene, it)),
      [1, 0, 0, 1],
    );
    // What goes for always is asked of no later execution of the session.
    const session = String(runOf(scene, "always").spec["sessionId"]);
    for (const [message, to] of [["again", session], ["elsewhere", ""]]) {
      await scene.client.createExecution({
        kind: "Agent",
        name: "clerk",
        message: message ?? "",
        session: to ?? "",
      });
    }
    assert.equal(await scene.obey({ begin: [] }), "ended");
    assert.equal(runOf(scene, "again").phase, "COMPLETED");
    assert.equal(runOf(scene, "elsewhere").phase, "WAITING");
    assert.deepEqual([booked(scene, "again"), booked(scene, "elsewhere")], [
      1,
      0,
    ]);
    const { execution } = await scene.client.getExecution({
      id: runOf(scene, "again").id,
    });
    assert.deepEqual(
      execution?.status?.tasks.map((it) => it.rule).filter((it) => it !== ""),
      [
        "default: its server does not say what it does; " +
        "always approved in this session",
      ],
    );
    assert.equal(execution?.status?.phase, Phase.COMPLETED);
  },
});

Deno.test({
  name: "runs that go on after their answers do nothing twice, at whichever " +
    "commit their process is killed",
  ignore: IS_WINDOWS,
  async fn() {
    await using scene = await openScene({ answer });
    await createClerk(scene, []);
    const outcomes = ["approve", "reject", "approve", "skip"] as const;
    const messages = outcomes.map((it, i) => `${it} ${i}`);
    const first = scene.start({
      begin: messages.map((message) => ({ agent: "clerk", message })),
    });
    await asks(scene, messages);
    first.kill("SIGKILL");
    await within(first);
    scene.endLeases();
    for (const [i, outcome] of outcomes.entries()) {
      const { id } = runOf(scene, messages[i] ?? "");
      await scene.client.respondExecution({ id, outcome });
    }
    let processes = 0;
    let how = "killed";
    while (how === "killed" && ++processes < PROCESSES_MAX) {
      const when = processes % 2 === 0 ? "before" : "after";
      // Each lives a commit longer: all runs have one before any gets further.
      const kill = { when, commit: processes } as const;
      how = await scene.obey({ begin: [], kill });
      scene.endLeases();
    }
    assert.equal(how, "ended");
    assert(processes > 2, "no process was killed");
    for (const [i, outcome] of outcomes.entries()) {
      const message = messages[i] ?? "";
      const run = runOf(scene, message);
      assert.equal(run.phase, "COMPLETED", message);
      const ends = endsOf(scene.journal(run), "/turn/1/tool/book");
      assert.equal(ends.length, 1, message);
      const done = booked(scene, message);
      if (outcome !== "approve") assert.equal(done, 0, message);
      else if (ends[0]?.type === "TASK_COMPLETED") assert.equal(done, 1);
      else {
        assert(done <= 1, `${message} was done ${done} times`);
        assert.match(String(run.output), /interrupted by a crash/);
      }
    }
  },
});
