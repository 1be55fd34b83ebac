import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { fakeKeySource } from "./fake_source.ts";
import { createKeyRing } from "./key_ring.ts";
import type { KeySource, MasterKeyBytes } from "./key_source.ts";
import { checkValueOf, masterKeyOf } from "./master_key.ts";

const { random } = fakeHost();

async function keyIn(source: KeySource): Promise<string> {
  const bytes = random.bytes(32);
  const { id } = await masterKeyOf(bytes);
  await source.write(id, bytes);
  return id;
}

/** A source that counts how often it is asked. */
function counted(inner: KeySource): KeySource & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    ...inner,
    asked,
    read(id): Promise<MasterKeyBytes | undefined> {
      asked.push(id);
      return inner.read(id);
    },
  };
}

Deno.test("a key is fetched once, also by those who ask at the same time", async () => {
  const source = counted(fakeKeySource());
  const [one, two] = [await keyIn(source), await keyIn(source)];
  const ring = createKeyRing([source]);
  await Promise.all(Array.from({ length: 5 }, () => ring.find({ id: one })));
  await ring.find({ id: one });
  deepStrictEqual(source.asked, [one]);
  // Another key takes its place.
  await ring.find({ id: two });
  await ring.find({ id: two });
  await ring.find({ id: one });
  deepStrictEqual(source.asked, [one, two, one]);
});

Deno.test("a key that is missing is looked for again the next time", async () => {
  const [first, second] = [fakeKeySource("env"), fakeKeySource("key-file")];
  const elsewhere = fakeKeySource();
  const id = await keyIn(elsewhere);
  const ring = createKeyRing([first, second]);
  const missing = await ring.find({ id, source: "key-file" });
  strictEqual(missing.kind, "missing");
  if (missing.kind === "missing") {
    strictEqual(missing.searched, "a key file: it is not there");
  }
  for (const [keyId, key] of elsewhere.keys) second.keys.set(keyId, key);
  strictEqual((await ring.find({ id })).kind, "found");
});

Deno.test("a key whose check value was changed is refused, by its id", async () => {
  const source = fakeKeySource();
  const id = await keyIn(source);
  const bytes = source.keys.get(id);
  if (bytes === undefined) throw new Error("It was written");
  const checkValue = await checkValueOf(await masterKeyOf(bytes), random);
  const known = { id, checkValue };
  strictEqual((await createKeyRing([source]).find(known)).kind, "found");
  checkValue[20] = (checkValue[20] ?? 0) ^ 1;
  await rejects(createKeyRing([source]).find(known), {
    code: "DATA_LOSS",
    message: new RegExp(id),
  });
});

Deno.test("another key in the place of one is not taken for it", async () => {
  const source = fakeKeySource();
  const id = await keyIn(source);
  source.keys.set(id, random.bytes(32));
  strictEqual((await createKeyRing([source]).find({ id })).kind, "missing");
});
