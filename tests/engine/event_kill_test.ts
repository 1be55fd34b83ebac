import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { listEvents } from "../../src/store/events.ts";
import { EVENTS_EACH, TOPICS } from "./event_plans.ts";
import { openHome, reaches, story, submit } from "./fixture.ts";

const SCRIPT = fileURLToPath(new URL("./event_worker.ts", import.meta.url));
/** Kills; the last workers finish what there is. */
const KILLS = 8;

/** A worker process that is at work. */
async function startWorker(path: string): Promise<Deno.ChildProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", SCRIPT, path],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  reader.releaseLock();
  return child;
}

async function kill(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await child.status;
  await child.stdout.cancel();
}

Deno.test({
  name: "events are neither lost nor doubled while workers are killed",
  ignore: Deno.build.os === "windows",
  async fn() {
    const path = await Deno.makeTempDir({ prefix: "stigmer-events-" });
    const workers: Deno.ChildProcess[] = [];
    try {
      using home = openHome(path);
      const hearing = TOPICS.flatMap((topic) =>
        ["each", "many"].map((name) => submit(home, name, { topic }))
      );
      const speaking = TOPICS.map((topic) =>
        submit(home, "speaker", { topic })
      );
      workers.push(await startWorker(path), await startWorker(path));
      for (let i = 0; i < KILLS; i++) {
        // At moments of its own, not at those that the workers keep.
        await home.host.clock.sleep(40 + home.host.random.fraction() * 120);
        const victim = workers.shift();
        if (victim !== undefined) await kill(victim);
        workers.push(await startWorker(path));
      }
      const counted = Array.from({ length: EVENTS_EACH }, (_, n) => n);
      for (const id of [...speaking, ...hearing]) {
        const record = await reaches(home, id);
        assert.equal(record.phase, "COMPLETED", record.failure?.detail);
        if (speaking.includes(id)) continue;
        assert.deepEqual(record.output, counted);
        const taken = story(home, id).filter((it) =>
          it.startsWith("EVENT_RECEIVED")
        );
        assert.equal(taken.length, EVENTS_EACH);
      }
      const { items } = listEvents(home.database, {}, {
        size: 1000,
        token: "",
      });
      assert.equal(items.length, TOPICS.length * EVENTS_EACH);
      const left = home.database.prepare("SELECT count(*) AS n FROM listeners")
        .get();
      assert.equal(left?.n, 0);
    } finally {
      for (const worker of workers) await kill(worker);
      await Deno.remove(path, { recursive: true });
    }
  },
});
