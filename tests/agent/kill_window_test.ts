import assert from "node:assert/strict";
import { endless, type WireAnswer } from "../servers/answering_provider.ts";
import { until } from "../until.ts";
import {
  callOf,
  endsOf,
  journalOf,
  openScene,
  type Question,
} from "./kill_scene.ts";

const ANSWER = "All is done.";
const SUMMARY = "The first two pages were read.";
/** Pages that are read before the answer. */
const PAGES = 4;

function isSummary({ message }: Question): boolean {
  return message.startsWith("Summarise the conversation");
}

/** Reads one page after the other; what it did last is in the last result. */
function read({ results }: Question): WireAnswer {
  const page = Number(/did page (\d+)/.exec(results[0] ?? "")?.[1] ?? 0) + 1;
  if (page > PAGES) return { kind: "answer", text: ANSWER };
  const call = callOf("look", `page ${page} ${"x".repeat(1_500)}`);
  return { kind: "answer", calls: [call] };
}

Deno.test({
  name: "a process killed during a summary, and after it, pays for none twice",
  ignore: Deno.build.os === "windows",
  async fn() {
    let summaries = 0;
    let after = 0;
    await using scene = await openScene({
      answer(question) {
        if (isSummary(question)) {
          summaries++;
          return summaries === 1
            ? endless("It begins")
            : { kind: "answer", text: SUMMARY };
        }
        // The turn that the summary was made for.
        if (summaries > 1 && after++ === 0) return endless("It begins");
        return read(question);
      },
    });
    await scene.client.createAgent({
      agent: {
        metadata: { name: "reader" },
        spec: {
          instructions: "You are reader.",
          model: { ...scene.model, contextWindow: 2_000 },
          mcpServers: [{
            name: "ledger",
            transport: { case: "http", value: { url: scene.tools.url } },
          }],
          permissions: { allow: ["ledger"] },
        },
      },
    });
    const journal = (): ReturnType<typeof journalOf> =>
      journalOf(scene, "begin");
    const path = (): string =>
      journal().find((it) => it.path.endsWith("/summary"))?.path ?? "";

    const first = scene.start({
      begin: [{ agent: "reader", message: "begin" }],
    });
    await until(() => summaries === 1);
    first.kill("SIGKILL");
    await first.status;
    assert.equal(endsOf(journal(), path()).length, 0);

    const second = scene.start({ begin: [] });
    await until(() => after === 1);
    second.kill("SIGKILL");
    await second.status;
    assert.equal(endsOf(journal(), path()).length, 1);

    await scene.obey({ begin: [] });
    const [execution] = scene.executions();
    assert.equal(execution?.output, ANSWER, execution?.failure?.detail);
    assert.equal(endsOf(journal(), path()).length, 1);
    // Each that was recorded was asked for once, and the first anew.
    const kept = journal().filter((it) =>
      it.type === "TASK_COMPLETED" && it.path.includes("/summary")
    );
    assert.equal(summaries, kept.length + 1);
    const turns = journal().filter((it) =>
      it.type === "TASK_COMPLETED" && /^\/turn\/\d+$/.test(it.path)
    );
    assert.equal(turns.length, PAGES + 1);
    // One turn was cut off by the death of its process.
    assert.equal(scene.questions.length, turns.length + 1 + summaries);
  },
});
