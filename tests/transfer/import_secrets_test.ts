import assert from "node:assert/strict";
import {
  OnConflict,
  SecretMode,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import { toRecord } from "../../src/backend/portable.ts";
import { toStigmerError } from "../../src/backend/errors.ts";
import {
  exportFrom,
  importInto,
  masterKey,
  openKeyed,
  SECRET,
  secretIn,
  wordsOf,
} from "./homes.ts";

const KEY = masterKey(2);

Deno.test("secrets sealed under a key that is nowhere are refused by its id", async () => {
  await using source = await openKeyed(KEY);
  await secretIn(source);
  const { records } = await exportFrom(source.client, {
    secrets: SecretMode.SEALED,
  });
  const keyId = /stigmer-sealed:v1:(key-[0-9a-f]+)/.exec(
    records[0]?.document ?? "",
  )?.[1];
  assert.ok(keyId);
  await using target = await openKeyed(masterKey(9));
  await assert.rejects(
    importInto(target.client, records),
    (error) => {
      const { code, message } = toStigmerError(error);
      return code === "DATA_LOSS" && message.includes(keyId);
    },
  );
  assert.equal((await exportFrom(target.client)).records.length, 0);
});

Deno.test("secrets that are left out are named, and those that are there stay", async () => {
  await using source = await openKeyed(KEY);
  await secretIn(source);
  const { records } = await exportFrom(source.client);
  await using target = await openKeyed(KEY);
  const first = await importInto(target.client, records);
  assert.deepEqual(first.missingSecrets, ["prod/KEY"]);
  await assert.rejects(
    target.client.revealSecrets({ environment: "prod" }),
    /stigmer env set prod --secret KEY|is not in the database/,
  );
  await target.client.applyResources({
    resources: [{
      resource: {
        case: "environment",
        value: {
          metadata: { name: "prod" },
          spec: { variables: { ZONE: "b" }, secrets: { KEY: SECRET } },
        },
      },
    }],
  });
  const again = await importInto(target.client, records, {
    onConflict: OnConflict.REPLACE,
  });
  assert.deepEqual(wordsOf(again.results), ["Environment/prod REPLACED"]);
  assert.deepEqual(again.missingSecrets, []);
  const { secrets } = await target.client.revealSecrets({
    environment: "prod",
  });
  assert.deepEqual({ ...secrets }, { KEY: SECRET });
});

Deno.test("another secret value is a conflict, also where all else is the same", async () => {
  await using source = await openKeyed(KEY);
  await secretIn(source);
  const passphrase = "the right passphrase";
  const { records } = await exportFrom(source.client, {
    secrets: SecretMode.REENCRYPT,
    passphrase,
  });
  await source.client.updateEnvironment({
    environment: {
      metadata: { name: "prod" },
      spec: { variables: { ZONE: "a" }, secrets: { KEY: "another value" } },
    },
  });
  const refused = await importInto(source.client, records, { passphrase });
  assert.deepEqual(wordsOf(refused.results), ["Environment/prod CONFLICT"]);
  const replaced = await importInto(source.client, records, {
    passphrase,
    onConflict: OnConflict.REPLACE,
  });
  assert.ok(replaced.committed);
  const { secrets } = await source.client.revealSecrets({
    environment: "prod",
  });
  assert.deepEqual({ ...secrets }, { KEY: SECRET });
});

Deno.test("sealed secrets take the place of others, in whatever environment", async () => {
  await using source = await openKeyed(KEY);
  await secretIn(source);
  const { records } = await exportFrom(source.client, {
    secrets: SecretMode.SEALED,
  });
  await using target = await openKeyed(KEY);
  for (const { client } of [source, target]) {
    const environment = {
      metadata: { name: "prod" },
      spec: { variables: { ZONE: "b" }, secrets: { KEY: "another value" } },
    };
    const resource = { case: "environment", value: environment } as const;
    await client.applyResources({ resources: [{ resource }] });
    const replaced = await importInto(client, records, {
      onConflict: OnConflict.REPLACE,
    });
    assert.deepEqual(wordsOf(replaced.results), ["Environment/prod REPLACED"]);
    const { secrets } = await client.revealSecrets({ environment: "prod" });
    assert.deepEqual({ ...secrets }, { KEY: SECRET });
    const again = await importInto(client, records);
    assert.deepEqual(wordsOf(again.results), ["Environment/prod UNCHANGED"]);
  }
});

Deno.test("a sealed secret that was changed, or moved to another name, is refused", async () => {
  await using source = await openKeyed(KEY);
  await secretIn(source);
  const { records } = await exportFrom(source.client, {
    secrets: SecretMode.SEALED,
  });
  const document = records[0]?.document ?? "";
  const changes = [
    document.replace(
      /.(?=.{20}"\}\}\}$)/,
      (it) => it === "A" ? "B" : "A",
    ),
    document.replace('"KEY":', '"OTHER":'),
    document.replace(/stigmer-sealed:v1:[^"]*/, "stigmer-sealed:v1:nothing"),
  ];
  await using target = await openKeyed(KEY);
  for (const change of changes) {
    assert.notEqual(change, document);
    const record = await toRecord({
      kind: "Environment",
      name: "prod",
      document: JSON.parse(change),
    });
    const answer = importInto(target.client, [record]);
    const isRefused = await answer.then(
      ({ committed }) => !committed,
      (error) =>
        ["DATA_LOSS", "INVALID_ARGUMENT"].includes(toStigmerError(error).code),
    );
    assert.ok(isRefused, change);
    assert.equal((await exportFrom(target.client)).records.length, 0);
  }
});

Deno.test("each secret that leaves is noted, by name", async () => {
  await using source = await openKeyed(KEY);
  await secretIn(source);
  const noted = async (): Promise<number> =>
    (await source.client.listSecretAccesses({})).accesses.length;
  const before = await noted();
  await exportFrom(source.client);
  assert.equal(await noted(), before);
  await exportFrom(source.client, { secrets: SecretMode.SEALED });
  assert.equal(await noted(), before + 1);
  await exportFrom(source.client, {
    secrets: SecretMode.REENCRYPT,
    passphrase: "the right passphrase",
  });
  assert.equal(await noted(), before + 2);
});
