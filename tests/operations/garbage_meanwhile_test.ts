import assert from "node:assert/strict";
import type { LocalBackend } from "../../src/backend/local.ts";
import type { Host } from "../../src/host/host.ts";
import { removeEvents, removeExecution } from "../../src/store/garbage.ts";
import { planExecutions } from "../../src/store/garbage_plan.ts";
import { standardDriver } from "../../src/store/drivers.ts";
import { INSTRUCTIONS } from "../backend/suite.ts";
import {
  DAY_MS,
  days,
  furnish,
  type LaterHost,
  laterHost,
  newHome,
  openHere,
  runFlow,
  wrongIn,
} from "./keeping.ts";

/** A machine on which something happens in the first pause of a collection. */
function meanwhile(host: LaterHost, work: () => Promise<unknown>): Host {
  let begun = false;
  return {
    ...host,
    clock: {
      ...host.clock,
      async sleep(ms, signal) {
        if (!begun) {
          begun = true;
          await work();
        }
        await host.clock.sleep(ms, signal);
      },
    },
  };
}

/** Runs an agent of a session to its end; gives the session and the execution. */
async function say(
  { client }: LocalBackend,
  home: string,
): Promise<{ readonly id: string; readonly session: string }> {
  await Deno.writeTextFile(
    `${home}/bot.yaml`,
    'turns: [{ when: { message: { matches: ".*" } }, say: hello }]\n',
  );
  const model = { name: `script:${home}/bot.yaml` };
  await client.createAgent({
    agent: {
      metadata: { name: "bot" },
      spec: { instructions: INSTRUCTIONS, model },
    },
  });
  const { execution } = await client.createExecution({
    kind: "Agent",
    name: "bot",
    message: "hi",
  });
  const id = execution?.metadata?.id ?? "";
  for await (const _ of client.watchExecution({ id }));
  return { id, session: execution?.spec?.sessionId ?? "" };
}

Deno.test("a session that goes on while garbage is collected keeps its history", async () => {
  await using home = newHome();
  const host = laterHost();
  await using backend = openHere(home.path, host);
  const { id, session } = await say(backend, home.path);
  host.pass(10 * DAY_MS);
  const before = await backend.client.traceExecution({ id });
  await using idle = openHere(home.path, host, { execute: "none" });
  await using collecting = openHere(
    home.path,
    meanwhile(host, () =>
      idle.client.createExecution({
        kind: "Agent",
        name: "bot",
        message: "again",
        session,
      })),
    { execute: "none" },
  );
  const real = await collecting.client.collectGarbage({
    retention: { executions: days(5) },
  });
  assert.equal(real.executionCount, 0);
  assert.deepEqual(await backend.client.traceExecution({ id }), before);
  assert.deepEqual(wrongIn(`${home.path}/stigmer.db`), []);
});

Deno.test("what is retried while garbage is collected stays", async () => {
  await using home = newHome();
  const host = laterHost();
  await using backend = openHere(home.path, host);
  await furnish(backend);
  const id = await runFlow(backend, "parent");
  host.pass(10 * DAY_MS);
  await using idle = openHere(home.path, host, { execute: "none" });
  await using collecting = openHere(
    home.path,
    meanwhile(host, () => idle.client.retryExecution({ id, from: "again" })),
    { execute: "none" },
  );
  const real = await collecting.client.collectGarbage({
    retention: { executions: days(5) },
  });
  // Its children may have gone before; it has not.
  const { execution } = await backend.client.getExecution({ id });
  assert.equal(execution?.status?.journalRemovedAt, undefined);
  assert.ok(real.executionCount < 3);
  assert.deepEqual(wrongIn(`${home.path}/stigmer.db`), []);
});

/** Pushes a skill twice; gives the digest of its first content. */
async function pushTwice({ client }: LocalBackend): Promise<string> {
  const digests: string[] = [];
  for (const body of ["first", "second"]) {
    const text = `---\nname: review\ndescription: Reviews\n---\n${body}\n`;
    const content = new TextEncoder().encode(text);
    const files = [{ path: "SKILL.md", content }];
    const { skill } = await client.pushSkill({ files });
    digests.push(skill?.status?.contentHash ?? "");
  }
  return digests[0] ?? "";
}

const NAMINGS: readonly {
  readonly how: string;
  readonly name: (backend: LocalBackend, digest: string) => Promise<unknown>;
}[] = [{
  how: "by an agent",
  name: ({ client }, digest) =>
    client.createAgent({
      agent: {
        metadata: { name: "bot" },
        spec: {
          instructions: INSTRUCTIONS,
          skills: [`review@sha256:${digest.slice(0, 12).toUpperCase()}`],
        },
      },
    }),
}, {
  how: "by a sub-agent",
  name: ({ client }, digest) =>
    client.createAgent({
      agent: {
        metadata: { name: "bot" },
        spec: {
          instructions: INSTRUCTIONS,
          subAgents: [{
            name: "helper",
            description: "Helps",
            instructions: INSTRUCTIONS,
            skills: [`review@sha256:${digest}`],
          }],
        },
      },
    }),
}, {
  how: "by a tag",
  name: ({ client }, digest) =>
    client.tagSkill({ name: `review@sha256:${digest}`, tag: "old" }),
}];

for (const { how, name } of NAMINGS) {
  Deno.test(`a content that is named ${how} while garbage is collected stays`, async () => {
    await using home = newHome();
    const host = laterHost();
    await using backend = openHere(home.path, host);
    const digest = await pushTwice(backend);
    await using collecting = openHere(
      home.path,
      meanwhile(host, () => name(backend, digest)),
      { execute: "none" },
    );
    const real = await collecting.client.collectGarbage({
      retention: { versions: 1 },
    });
    assert.equal(real.versionCount, 0);
    const { skill, files } = await backend.client.getSkill({
      name: `review@sha256:${digest}`,
    });
    assert.equal(skill?.metadata?.version?.number, 1);
    assert.equal(files.length, 1);
  });
}

Deno.test("a content that nothing names goes with its version", async () => {
  await using home = newHome();
  const host = laterHost();
  await using backend = openHere(home.path, host);
  const digest = await pushTwice(backend);
  const real = await backend.client.collectGarbage({
    retention: { versions: 1 },
  });
  assert.equal(real.versionCount, 1);
  assert.equal(real.otherCount, 1);
  const name = `review@sha256:${digest}`;
  await assert.rejects(backend.client.getSkill({ name }), /has no content/);
});

Deno.test("a collection comes past what it only looks at", async () => {
  await using home = newHome();
  const host = laterHost();
  const ids: string[] = [];
  {
    await using backend = openHere(home.path, host);
    await furnish(backend);
    for (let i = 0; i < 3; i++) ids.push(await runFlow(backend, "flow"));
  }
  using database = standardDriver().open(`${home.path}/stigmer.db`);
  const runs: number[] = [];
  for (const _ of ids) {
    const { journals } = await planExecutions(database, {
      rule: { journalsMs: 1, executionsMs: DAY_MS },
      nowMs: host.clock.now() + 10,
      pause: () => Promise.resolve(),
      foundMax: 1,
    });
    const [journal] = journals;
    assert.ok(journal !== undefined && journals.length === 1);
    while (removeEvents(database, journal, 1));
    runs.push(journal.run);
  }
  assert.equal(new Set(runs).size, ids.length);
});

Deno.test("what goes while its retry is made is retried whole, or not at all", async () => {
  await using home = newHome();
  const host = laterHost();
  await using backend = openHere(home.path, host);
  await furnish(backend);
  using database = standardDriver().open(`${home.path}/stigmer.db`);
  let refusedCount = 0;
  for (const turns of [1, 4, 16, 32, 64, 128, 256]) {
    const id = await runFlow(backend, "flow");
    const retried = backend.client.retryExecution({ id, from: "two" })
      .then(() => "", (error) => String(error));
    for (let i = 0; i < turns; i++) await Promise.resolve();
    database.transaction(() => {
      const run = Number(
        database.prepare("SELECT number FROM runs WHERE execution_id = ?")
          .get(id)?.number,
      );
      removeExecution(database, { id, run, rootId: id });
    });
    const error = await retried;
    if (error === "") continue;
    assert.match(error, /Cannot (find|retry) execution/);
    refusedCount++;
  }
  assert.ok(refusedCount > 0);
});
