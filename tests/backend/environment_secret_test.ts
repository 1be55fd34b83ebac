import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { EnvironmentSpecSchema } from "../../gen/stigmer/backend/v1/environment_pb.ts";
import { ApplyResult_Outcome } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { openHome } from "./backends.ts";
import { fails, identityOf, suite, temporaryHome } from "./suite.ts";

// Nobody's keychain is to be filled by a test.
Deno.env.set("STIGMER_KEY_SOURCE", "key-file");

type Spec = MessageInitShape<typeof EnvironmentSpecSchema>;

const SECRET = "Tr0ub4dor&3 «ß»";
const OTHER = "correct horse\nbattery staple";

function named(name: string, spec: Spec): {
  environment: { metadata: { name: string }; spec: Spec };
} {
  return { environment: { metadata: { name }, spec } };
}

async function reveal(
  client: BackendClient,
  environment: string,
): Promise<Record<string, string>> {
  return (await client.revealSecrets({ environment })).secrets;
}

/** Reads every file below a folder and checks that none holds a text. */
function assertNowhere(folder: string, texts: readonly string[]): void {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) {
      assertNowhere(path, texts);
      continue;
    }
    const bytes = new TextDecoder("latin1").decode(Deno.readFileSync(path));
    for (const text of texts) {
      const encoded = new TextEncoder().encode(text);
      const raw = new TextDecoder("latin1").decode(encoded);
      assert.ok(!bytes.includes(raw), `${path} holds a secret`);
    }
  }
}

suite(
  "a secret is sealed, shown as ***, and revealed",
  async (client, home) => {
    const spec = { variables: { REGION: "eu" }, secrets: { A: SECRET } };
    const created = await client.createEnvironment(named("prod", spec));
    const masked = { A: "***" };
    assert.deepEqual(created.environment?.spec?.secrets, masked);
    const got = await client.getEnvironment({ name: "prod" });
    assert.deepEqual(got.environment?.spec?.secrets, masked);
    assert.deepEqual(got.environment?.spec?.variables, { REGION: "eu" });
    const list = await client.listEnvironments({});
    assert.deepEqual(list.environments[0]?.spec?.secrets, masked);
    const { version } = await client.getResourceVersion({
      kind: "Environment",
      name: "prod",
      version: "1",
    });
    assert.match(JSON.stringify(version?.snapshot), /"A":"\*\*\*"/);
    assert.deepEqual(await reveal(client, "prod"), { A: SECRET });
    assertNowhere(home, [SECRET]);
  },
);

suite("*** keeps a secret, and leaving it out deletes it", async (client) => {
  await client.createEnvironment(
    named("prod", { secrets: { A: SECRET, B: OTHER } }),
  );
  await client.updateEnvironment(
    named("prod", { variables: { X: "1" }, secrets: { A: "***", B: "***" } }),
  );
  assert.deepEqual(await reveal(client, "prod"), { A: SECRET, B: OTHER });
  await client.updateEnvironment(named("prod", { secrets: { B: "***" } }));
  assert.deepEqual(await reveal(client, "prod"), { B: OTHER });
  await client.updateEnvironment(named("prod", { variables: { B: "open" } }));
  assert.deepEqual(await reveal(client, "prod"), {});
  await client.updateEnvironment(named("prod", { secrets: { B: SECRET } }));
  const { environment } = await client.getEnvironment({ name: "prod" });
  assert.deepEqual(environment?.spec?.variables, {});
  assert.deepEqual(await reveal(client, "prod"), { B: SECRET });
});

suite(
  "the same value is no change, another one is a version",
  async (client) => {
    const one = await client.createEnvironment(
      named("prod", { secrets: { A: SECRET } }),
    );
    const same = await client.updateEnvironment(
      named("prod", { secrets: { A: SECRET } }),
    );
    assert.deepEqual(same.environment, one.environment);
    const two = await client.updateEnvironment(
      named("prod", { secrets: { A: OTHER } }),
    );
    assert.equal(two.environment?.metadata?.version?.number, 2);
    assert.deepEqual(await reveal(client, "prod"), { A: OTHER });
  },
);

suite("*** without anything to keep is refused, by name", async (client) => {
  const create = client.createEnvironment(
    named("prod", { secrets: { A: "***" } }),
  );
  const error = await fails(create, "INVALID_ARGUMENT", /"A" has no value/);
  assert.equal(error.diagnostics[0]?.pointer, "/spec/secrets/A");
  await client.createEnvironment(named("prod", { secrets: { A: SECRET } }));
  const update = client.updateEnvironment(
    named("prod", { secrets: { A: "***", B: "***" } }),
  );
  await fails(update, "INVALID_ARGUMENT", /"B" has no value/);
  assert.deepEqual(await reveal(client, "prod"), { A: SECRET });
});

suite("short secrets are refused unless they are allowed", async (client) => {
  const short = named("prod", { secrets: { A: "abc" } });
  const error = await fails(
    client.createEnvironment(short),
    "INVALID_ARGUMENT",
    /under 4 characters/,
  );
  assert.doesNotMatch(JSON.stringify(error.diagnostics), /abc/);
  await client.createEnvironment({ ...short, allowShortSecrets: true });
  assert.deepEqual(await reveal(client, "prod"), { A: "abc" });
  await client.updateEnvironment(
    named("prod", { variables: { X: "1" }, secrets: { A: "***" } }),
  );
  await fails(
    client.updateEnvironment(named("prod", { secrets: { A: "xyz" } })),
    "INVALID_ARGUMENT",
  );
});

suite("a refused environment makes no key", async (client, home) => {
  await fails(
    client.createEnvironment(
      named("prod", { secrets: { A: SECRET, B: "***" } }),
    ),
    "INVALID_ARGUMENT",
  );
  const answer = await client.applyResources({
    resources: [
      { resource: { case: "environment", value: environmentOf("a", SECRET) } },
      { resource: { case: "agent", value: { metadata: { name: "x" } } } },
    ],
  });
  assert.equal(answer.applied, false);
  const files = [...Deno.readDirSync(home)].map(({ name }) => name);
  assert.deepEqual(files.filter((it) => it.includes("key")), []);
});

function environmentOf(
  name: string,
  secret: string,
): { metadata: { name: string }; spec: Spec } {
  return { metadata: { name }, spec: { secrets: { A: secret } } };
}

suite("apply seals a batch whole or not at all", async (client, home) => {
  const resources = ["a", "b"].map((name) => ({
    resource: {
      case: "environment" as const,
      value: environmentOf(name, `${SECRET} of ${name}`),
    },
  }));
  const dry = await client.applyResources({ resources, dryRun: true });
  assert.deepEqual(dry.results.map((it) => it.outcome), [
    ApplyResult_Outcome.CREATED,
    ApplyResult_Outcome.CREATED,
  ]);
  assert.deepEqual((await client.listEnvironments({})).environments, []);
  const bad = {
    resource: {
      case: "environment" as const,
      value: { metadata: { name: "c" }, spec: { secrets: { B: "***" } } },
    },
  };
  const refused = await client.applyResources({
    resources: [...resources, bad],
  });
  assert.equal(refused.applied, false);
  assert.match(
    refused.results[2]?.diagnostics[0]?.message ?? "",
    /"B" has no value/,
  );
  const shown = refused.results[0]?.resource?.resource.value?.spec;
  assert.deepEqual(shown && "secrets" in shown && shown.secrets, { A: "***" });
  const applied = await client.applyResources({ resources });
  assert.equal(applied.applied, true);
  assert.deepEqual(await reveal(client, "b"), { A: `${SECRET} of b` });
  const again = await client.applyResources({ resources });
  assert.deepEqual(again.results.map((it) => it.outcome), [
    ApplyResult_Outcome.UNCHANGED,
    ApplyResult_Outcome.UNCHANGED,
  ]);
  assertNowhere(home, [SECRET]);
});

suite("a failed apply gives back no secret", async (client) => {
  const value = environmentOf("a", "abc");
  const answer = await client.applyResources({
    resources: [{ resource: { case: "environment", value } }],
  });
  const text = JSON.stringify(
    answer.results,
    (_, it) => typeof it === "bigint" ? `${it}` : it,
  );
  assert.match(text, /under 4 characters/);
  assert.doesNotMatch(text, /abc/);
});

suite(
  "an environment is exported sealed, and taken back",
  async (client, home) => {
    await client.createEnvironment(
      named("prod", {
        variables: { X: "1" },
        secrets: { A: SECRET, B: OTHER },
      }),
    );
    const { environment } = await client.sealEnvironment({ name: "prod" });
    const sealed = environment?.spec?.secrets ?? {};
    assert.match(sealed.A ?? "", /^stigmer-sealed:v1:/);
    assert.equal(environment?.spec?.variables.X, "1");
    const same = await client.updateEnvironment(named("prod", {
      variables: { X: "1" },
      secrets: sealed,
    }));
    assert.equal(same.environment?.metadata?.version?.number, 1);
    await client.createEnvironment(named("copy", { secrets: sealed }));
    await client.deleteEnvironment({ name: "prod" });
    assert.deepEqual(await reveal(client, "copy"), { A: SECRET, B: OTHER });
    const swapped = named("bad", { secrets: { A: sealed.B ?? "" } });
    const error = await fails(
      client.createEnvironment(swapped),
      "INVALID_ARGUMENT",
      /sealed for "B"/,
    );
    assert.equal(error.diagnostics[0]?.pointer, "/spec/secrets/A");
    assertNowhere(home, [SECRET, "battery staple"]);
  },
);

suite("a rename keeps id, secrets and references", async (client) => {
  const { environment } = await client.createEnvironment(
    named("prod", { secrets: { A: SECRET } }),
  );
  await client.createEnvironment(named("other", {}));
  const renamed = await client.renameEnvironment({
    name: "prod",
    newName: "Production EU",
  });
  const metadata = renamed.environment?.metadata;
  assert.equal(metadata?.id, environment?.metadata?.id);
  assert.equal(metadata?.slug, "production-eu");
  assert.equal(metadata?.version?.number, 2);
  assert.deepEqual(await reveal(client, "production-eu"), { A: SECRET });
  await fails(client.getEnvironment({ name: "prod" }), "NOT_FOUND");
  const again = await client.renameEnvironment({
    name: "production-eu",
    newName: "Production EU",
  });
  assert.equal(again.environment?.metadata?.version?.number, 2);
  const taken = await fails(
    client.renameEnvironment({ name: "production-eu", newName: "Other" }),
    "ALREADY_EXISTS",
    /^Cannot rename environment "Production EU": the slug "other" is taken$/,
  );
  assert.deepEqual(taken.hints, ["Choose another name"]);
  await fails(
    client.renameEnvironment({ name: "production-eu", newName: "" }),
    "INVALID_ARGUMENT",
  );
});

suite(
  "only what is kept can be revealed, and each is noted",
  async (client) => {
    await client.createEnvironment(named("prod", {
      variables: { V: "1" },
      secrets: { TOKEN: SECRET, KEY: OTHER },
      secretRefs: { R: { source: { case: "env", value: "X" } } },
    }));
    const call = (names: string[]) =>
      client.revealSecrets({ environment: "prod", names });
    assert.deepEqual((await call(["KEY"])).secrets, { KEY: OTHER });
    const error = await fails(call(["TOKN"]), "NOT_FOUND", /no such secret/);
    assert.deepEqual(error.hints, ['Did you mean "TOKEN"?']);
    await fails(call(["R"]), "INVALID_ARGUMENT", /only where it is kept/);
    await fails(call(["V"]), "INVALID_ARGUMENT", /it is a variable/);
    const { accesses } = await client.listSecretAccesses({});
    assert.deepEqual(
      accesses.map((it) => [it.name, it.purpose, it.identity]),
      [["KEY", "reveal", await identityOf(client)]],
    );
  },
);

suite(
  "the audit is found by whatever name an environment has",
  async (client) => {
    await client.createEnvironment(
      named("env-prod", { secrets: { A: SECRET } }),
    );
    await reveal(client, "env-prod");
    const { environment } = await client.getEnvironment({ name: "env-prod" });
    const id = environment?.metadata?.id ?? "";
    const count = async (word: string): Promise<number> =>
      (await client.listSecretAccesses({ environment: word })).accesses.length;
    assert.deepEqual([await count("env-prod"), await count(id)], [1, 1]);
    await client.deleteEnvironment({ name: "env-prod" });
    assert.equal(await count(id), 1);
    await fails(
      client.listSecretAccesses({ environment: "env-prod" }),
      "NOT_FOUND",
    );
  },
);

suite("a deleted environment leaves nothing sealed", async (client) => {
  await client.createEnvironment(named("prod", { secrets: { A: SECRET } }));
  await client.deleteEnvironment({ name: "prod" });
  const { status } = await client.getVaultStatus({});
  assert.equal(status?.secretCount, 0);
  assert.equal(status?.dataKeyCount, 0);
  await client.createEnvironment(named("prod", { secrets: { A: OTHER } }));
  assert.deepEqual(await reveal(client, "prod"), { A: OTHER });
});

suite("updates at once lose nothing", async (client, home) => {
  await client.createEnvironment(named("prod", {}));
  await using other = await openHome(home);
  const clients = [client, other.client];
  await Promise.all(Array.from({ length: 12 }, async (_, i) => {
    const own = clients[i % 2] ?? client;
    for (let attempt = 0; attempt < 50; attempt++) {
      const { environment } = await own.getEnvironment({ name: "prod" });
      const secrets = {
        ...environment?.spec?.secrets,
        [`S${i}`]: `value ${i}`,
      };
      const spec = { variables: {}, secrets };
      try {
        await own.updateEnvironment({
          environment: { metadata: environment?.metadata ?? {}, spec },
        });
        return;
      } catch (error) {
        if (!/changed meanwhile/.test(String(error))) throw error;
      }
    }
    assert.fail("it never came through");
  }));
  const expected = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`S${i}`, `value ${i}`]),
  );
  assert.deepEqual(await reveal(client, "prod"), expected);
});

suite("blind updates at once leave one of them whole", async (client, home) => {
  await client.createEnvironment(named("prod", { secrets: { A: SECRET } }));
  await using other = await openHome(home);
  const written = Array.from({ length: 10 }, (_, i) => ({
    A: `first value ${i}`,
    [`B${i}`]: `second value ${i}`,
  }));
  await Promise.all(
    written.map((secrets, i) =>
      (i % 2 === 0 ? client : other.client)
        .updateEnvironment(named("prod", { secrets }))
    ),
  );
  const left = await reveal(client, "prod");
  assert.ok(
    written.some((it) => JSON.stringify(it) === JSON.stringify(left)),
    JSON.stringify(left),
  );
});

Deno.test("without the master key variables can change and secrets cannot, and nothing is lost", async () => {
  await using home = temporaryHome();
  const keyPath = `${home.path}/master.key`;
  const one = { variables: { X: "1" }, secrets: { A: SECRET } };
  {
    await using backend = await openHome(home.path);
    await backend.client.createEnvironment(named("prod", one));
  }
  const key = await Deno.readFile(keyPath);
  await Deno.remove(keyPath);
  {
    await using backend = await openHome(home.path);
    const { client } = backend;
    const kept = { variables: { X: "2" }, secrets: { A: "***" } };
    await client.updateEnvironment(named("prod", kept));
    for (
      const call of [
        client.revealSecrets({ environment: "prod" }),
        client.updateEnvironment(named("prod", { secrets: { A: OTHER } })),
        client.createEnvironment(named("other", { secrets: { A: OTHER } })),
      ]
    ) {
      const error = await fails(call, "DATA_LOSS", /key-[0-9a-f]+/);
      assert.ok(error.hints.length > 0);
      assert.doesNotMatch(error.message + error.hints.join(), /horse|Tr0ub/);
    }
    await assert.rejects(Deno.stat(keyPath), Deno.errors.NotFound);
  }
  await Deno.writeFile(keyPath, key, { mode: 0o600 });
  await using backend = await openHome(home.path);
  const { client } = backend;
  const { environment } = await client.getEnvironment({ name: "prod" });
  assert.deepEqual(environment?.spec?.variables, { X: "2" });
  assert.deepEqual(await reveal(client, "prod"), { A: SECRET });
});

Deno.test("a damaged secret can be set anew, and deleted", async () => {
  await using home = temporaryHome();
  {
    await using backend = await openHome(home.path);
    await backend.client.createEnvironment(
      named("prod", { secrets: { A: SECRET, B: SECRET, C: OTHER } }),
    );
  }
  {
    using database = new DatabaseSync(`${home.path}/stigmer.db`);
    database.exec(
      "UPDATE sealed_values SET sealed = zeroblob(length(sealed)) " +
        "WHERE alias <> 'C'",
    );
  }
  await using backend = await openHome(home.path);
  const { client } = backend;
  await fails(
    client.revealSecrets({ environment: "prod" }),
    "DATA_LOSS",
    /secret "A"/,
  );
  await client.updateEnvironment(
    named("prod", { secrets: { A: SECRET, C: "***" } }),
  );
  assert.deepEqual(await reveal(client, "prod"), { A: SECRET, C: OTHER });
});

suite("what no text can be is refused without its value", async (client) => {
  const half = named("prod", { secrets: { A: "Tr0ub4dor\ud800" } });
  try {
    await client.createEnvironment(half);
    assert.fail("it was taken");
  } catch (error) {
    assert.doesNotMatch(String(error), /Tr0ub/);
  }
  const nul = named("prod", { secrets: { A: "Tr0ub4dor\0x" } });
  const error = await fails(client.createEnvironment(nul), "INVALID_ARGUMENT");
  assert.doesNotMatch(error.message, /Tr0ub/);
});
