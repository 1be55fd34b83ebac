import { deepStrictEqual, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startService } from "../../examples/etl-retries/serve.ts";
import { isJsonArray, type Json } from "../../src/model/json.ts";
import { pick, type Place } from "../cli/program.ts";
import { runPage, type RunPageOptions } from "../docs/run_page.ts";
import { until } from "../until.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** An address of this machine on which nothing listens. */
function freeAddress(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `127.0.0.1:${listener.addr.port}`;
}

/** Runs the README of an example, in a copy of its folder. */
async function runExample(
  name: string,
  options: RunPageOptions = {},
): Promise<void> {
  const { commands } = await runPage(`examples/${name}/README.md`, {
    from: EXAMPLES + name,
    ...options,
  });
  ok(commands > 0, `${commands}`);
}

/** Waits until a workflow has runs that completed, and gives them. */
function endedRuns(place: Place, name: string): Promise<readonly Json[]> {
  return until(async () => {
    const words = ["execution", "list", "--workflow", name];
    const listed = await place.json([
      ...[...words, "--phase", "COMPLETED", "-o", "json"],
    ]);
    const items = pick(listed, "items") ?? listed;
    return isJsonArray(items) && items.length > 0 ? items : undefined;
  });
}

/** The schedule starts the report when its time has come: here each second. */
async function startsByItself(place: Place): Promise<void> {
  const path = `${place.folder}/report.yaml`;
  const text = await Deno.readTextFile(path);
  const often = text.replace(
    "CRON_TZ=Europe/Berlin 30 9 * * MON-FRI",
    '"* * * * * *"',
  )
    .replace("name: disk-report", "name: disk-report-often");
  await Deno.writeTextFile(path, often);
  const applied = await place.run(["apply", "-f", "report.yaml"]);
  deepStrictEqual(applied.code, 0, applied.stderr);
  const worker = place.start(["worker"]);
  try {
    const [run] = await endedRuns(place, "disk-report-often");
    ok(
      pick(run ?? null, "spec.scheduledAt") !== undefined,
      JSON.stringify(run),
    );
  } finally {
    worker.kill("SIGTERM");
    await worker.ended;
  }
}

/** The pipeline tries again to read a file until it is there. */
async function readsWhatComesLate(place: Place): Promise<void> {
  const running = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", CONFIG, "pipeline.ts", "late.csv"],
    cwd: place.folder,
    env: { STIGMER_HOME: place.home, STIGMER_KEY_SOURCE: "key-file" },
    stdout: "piped",
    stderr: "inherit",
  }).output();
  const id = await untilStands(place, (it) => Number(pick(it, "attempts")) > 1);
  await place.write("late.csv", "order,customer,net\n7,cy,10\n");
  await untilStands(place, (it) => pick(it, "name") === "load");
  const words = ["execution", "signal", id, "approve", "--data"];
  const told = await place.run([...words, '{"by":"Ada"}']);
  deepStrictEqual(told.code, 0, told.stderr);
  const { stdout } = await running;
  deepStrictEqual(new TextDecoder().decode(stdout).split("\n"), [
    "read 1 orders of late.csv",
    "added up what 1 customers owe",
    "refused 0 of 1 orders",
    "wrote invoices/cy.json",
    '{"owed":{"cy":12},"refused":[],"approvedBy":"Ada"}',
    "",
  ]);
}

/** Waits until a task of the newest execution is like that; gives its id. */
function untilStands(
  place: Place,
  isWanted: (task: Json) => boolean,
): Promise<string> {
  return until(async () => {
    const listed = await place.json(["execution", "list", "-o", "json"]);
    const id = pick(pick(listed, "items") ?? listed, "0.metadata.id");
    if (typeof id !== "string") return undefined;
    const shown = await place.json(["execution", "get", id, "-o", "json"]);
    const tasks = pick(shown, "status.tasks");
    return isJsonArray(tasks) && tasks.some(isWanted) ? id : undefined;
  });
}

/** How each is run, where there is more to it. */
const RUNS: Readonly<Record<string, () => Promise<void>>> = {
  review: () => runExample("review"),
  "changelog-digest": () => runExample("changelog-digest"),
  "log-triage": () => runExample("log-triage"),
  "scheduled-report": () =>
    runExample("scheduled-report", { check: startsByItself }),
  webhook: () =>
    runExample("webhook", {
      here: { "127.0.0.1:7234": freeAddress() },
      async check(place) {
        const ended = await endedRuns(place, "orders");
        deepStrictEqual(ended.map((it) => pick(it, "status.output")), [
          { order: 7, state: "booked" },
        ]);
      },
    }),
  approval: () => runExample("approval"),
  "research-team": () => runExample("research-team"),
  pipeline: () =>
    runExample("pipeline", {
      here: { "../../deno.json": CONFIG },
      check: readsWhatComesLate,
    }),
  async "etl-retries"() {
    await using service = startService();
    await runExample("etl-retries", {
      here: { "http://127.0.0.1:8080": service.url },
    });
    deepStrictEqual(service.asked, [
      "GET /orders 503",
      "GET /orders 503",
      "GET /orders 200",
      "PUT /sums/2026-11-23 503",
      "PUT /sums/2026-11-23 503",
      "PUT /sums/2026-11-23 200",
    ]);
    deepStrictEqual(service.sums.get("2026-11-23"), {
      day: "2026-11-23",
      orders: 2,
      total: 140,
    });
  },
  "ci-step": () => runExample("ci-step"),
  calendar: () => runExample("calendar"),
  quickstart: () => runExample("quickstart"),
  tested: () => runExample("tested"),
  workspace: () => runExample("workspace"),
};

for (const [name, run] of Object.entries(RUNS)) {
  Deno.test({
    name: `examples/${name} does what its README shows`,
    // Their command lines are those of a shell.
    ignore: Deno.build.os === "windows",
    fn: run,
  });
}

Deno.test("every example is run, and is in the list", async () => {
  const folders: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(EXAMPLES)) {
    if (isDirectory) folders.push(name);
  }
  deepStrictEqual(folders.toSorted(), Object.keys(RUNS).toSorted());
  const list = await Deno.readTextFile(`${EXAMPLES}README.md`);
  for (const name of folders) ok(list.includes(`(${name}/)`), name);
});
