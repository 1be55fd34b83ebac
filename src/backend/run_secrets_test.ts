import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { StigmerError } from "../model/error.ts";
import { parseExecutionId } from "../model/id.ts";
import { openStore } from "../store/open.ts";
import { listAccesses } from "../store/secret_accesses.ts";
import { systemHost } from "../host/system.ts";
import { LOCAL_CALLER } from "./caller.ts";
import type { ServiceDeps } from "./deps.ts";
import { createRunSecrets } from "./run_secrets.ts";

const ID = parseExecutionId("wex-01k00000000000000000000000");

/** A run in a store of its own, with an environment of the process. */
async function withRun(
  env: Readonly<Record<string, string>>,
  work: (of: {
    readonly deps: ServiceDeps;
    readonly id: NonNullable<typeof ID>;
  }) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-run-secrets-" });
  try {
    const system = systemHost();
    using store = openStore(`${path}/stigmer.db`, { host: system });
    const host = { ...system, env: fakeHost({ env }).env };
    if (ID === undefined) throw new Error("no id");
    await work({
      deps: {
        store,
        host,
        identity: LOCAL_CALLER.identity,
        caller: LOCAL_CALLER,
      },
      id: ID,
    });
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test("a run opens what its definition names, and nothing else", async () => {
  const env = {
    STIGMER_SECRET_TOKEN: "t0ken-value",
    STIGMER_SECRET_LOGIN: '{"password": "pa55word"}',
    STIGMER_SECRET_OTHER: "0ther-value",
  };
  await withRun(env, async ({ deps, id }) => {
    const run = createRunSecrets(deps, { id }, ["TOKEN", "LOGIN", "GONE"]);
    const at = { path: "/do/0/a" };
    deepStrictEqual(await run.open(["TOKEN", "LOGIN"], at), {
      TOKEN: "t0ken-value",
      LOGIN: { password: "pa55word" },
    });
    deepStrictEqual(await run.open(["LOGIN"], { ...at, asText: true }), {
      LOGIN: '{"password": "pa55word"}',
    });
    const mask = await run.mask();
    strictEqual(mask.text("t0ken-value, pa55word"), "***, ***");
    for (const name of ["OTHER", "GONE"]) {
      await rejects(
        run.open(["TOKEN", name], at),
        (error) =>
          error instanceof StigmerError &&
          error.code === "PERMISSION_DENIED" &&
          error.message.startsWith(`Cannot open secret "${name}": `),
      );
    }
  });
});

Deno.test("each opening is noted once for a task, without its value", async () => {
  const env = {
    STIGMER_SECRET_A: "aaaa-value",
    STIGMER_SECRET_B: "bbbb-value",
  };
  await withRun(env, async ({ deps, id }) => {
    const run = createRunSecrets(deps, { id }, ["A", "B"]);
    for (let i = 0; i < 3; i++) {
      await run.mask();
      await run.open(["A"], { path: "/do/0/a" });
    }
    await run.open(["A"], { path: "/do/1/b" });
    const { items } = listAccesses(deps.store.database, {}, {
      size: 0,
      token: "",
    });
    deepStrictEqual(
      items.map(({ name, path, purpose }) => [name, path, purpose]),
      [
        ["A", "/do/1/b", "use"],
        ["A", "/do/0/a", "use"],
        ["B", "", "mask"],
        ["A", "", "mask"],
      ],
    );
    const [first] = items;
    strictEqual(first?.executionId, id);
    strictEqual(first?.identity, "local-user");
    strictEqual(first?.origin, "process");
  });
});

Deno.test("what could not be noted is not opened, and noted when it is", async () => {
  await withRun({ STIGMER_SECRET_A: "aaaa-value" }, async ({ deps, id }) => {
    const { database } = deps.store;
    const rename = (from: string, to: string): void =>
      void database.prepare(`ALTER TABLE ${from} RENAME TO ${to}`).run();
    const run = createRunSecrets(deps, { id }, ["A"]);
    await run.mask();
    rename("secret_accesses", "aside");
    await rejects(run.open(["A"], { path: "/do/0/a" }));
    rename("aside", "secret_accesses");
    await run.open(["A"], { path: "/do/0/a" });
    const page = { size: 0, token: "" };
    const { items } = listAccesses(database, {}, page);
    deepStrictEqual(items.map(({ purpose }) => purpose), ["use", "mask"]);
  });
});
