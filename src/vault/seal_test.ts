import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { newDataKey, rewrapDataKey, unwrapDataKey } from "./data_key.ts";
import { checkValueOf, isCheckedBy, masterKeyOf } from "./master_key.ts";
import { openSecret, sealSecret } from "./seal.ts";
import { importKey, SEAL_OVERHEAD_BYTES } from "./sealing.ts";

const { random } = fakeHost({ seed: 4711 });
const OF = { originId: "env-1", name: "TOKEN", version: 3 };
const ROUNDS = 300;
const LONG_BYTES = 64 * 1024;

const masterKey = () => masterKeyOf(random.bytes(32));
const dataKey = () => importKey(random.bytes(32));

function below(count: number): number {
  return Math.floor(random.fraction() * count);
}

/** A text of any characters of Unicode, halves of pairs apart. */
function anyText(lengthMax: number): string {
  return Array.from({ length: below(lengthMax + 1) }, () => {
    const planes = [0x80, 0x800, 0xd800, 0x10ffff];
    const code = below(planes[below(planes.length)] ?? 1);
    return code >= 0xd800 && code <= 0xdfff ? "\0" : String.fromCodePoint(code);
  }).join("");
}

Deno.test("any text is opened as it was sealed, under any name", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const key = await dataKey();
    const of = {
      originId: anyText(12),
      name: anyText(12),
      version: 1 + below(99),
    };
    const text = anyText(200);
    const sealed = await sealSecret(text, { of, dataKey: key, random });
    strictEqual(await openSecret(sealed, { of, dataKey: key }), text);
    strictEqual(
      sealed.length,
      new TextEncoder().encode(text).length + SEAL_OVERHEAD_BYTES,
    );
  }
});

Deno.test("odd texts are opened as they were sealed", async () => {
  const key = await dataKey();
  const texts = [
    "",
    "\0",
    "\ufeffbegins with a mark of the byte order",
    "\ufffe\uffff",
    "line\r\nline\r\n",
    "x".repeat(LONG_BYTES),
    "\u{1f600}".repeat(LONG_BYTES / 4),
  ];
  for (const text of texts) {
    const sealed = await sealSecret(text, { of: OF, dataKey: key, random });
    strictEqual(await openSecret(sealed, { of: OF, dataKey: key }), text);
  }
});

Deno.test("half a character is refused, since it would come back as another", async () => {
  const key = await dataKey();
  for (const text of ["a\ud800", "\udc00a", "\ude00\ud83d"]) {
    // It throws at once or later: both refuse it.
    await rejects(
      async () => await sealSecret(text, { of: OF, dataKey: key, random }),
      { code: "INVALID_ARGUMENT" },
    );
  }
});

Deno.test("a sealed text that differs in any bit, or in length, does not open", async () => {
  const key = await dataKey();
  const sealed = await sealSecret("a secret", { of: OF, dataKey: key, random });
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = sealed.slice();
    const at = bit >> 3;
    changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7));
    strictEqual(
      await openSecret(changed, { of: OF, dataKey: key }),
      undefined,
      `bit ${bit}`,
    );
  }
  for (let length = 0; length < sealed.length; length++) {
    const cut = sealed.slice(0, length);
    strictEqual(await openSecret(cut, { of: OF, dataKey: key }), undefined);
  }
  const longer = new Uint8Array(sealed.length + 1);
  longer.set(sealed);
  strictEqual(await openSecret(longer, { of: OF, dataKey: key }), undefined);
});

Deno.test("a sealed text opens with its own key, origin, name and version alone", async () => {
  const key = await dataKey();
  const sealed = await sealSecret("a secret", { of: OF, dataKey: key, random });
  const others = [
    { ...OF, originId: "env-2" },
    { ...OF, name: "OTHER" },
    { ...OF, version: 2 },
    // The same letters, cut elsewhere.
    { ...OF, originId: "env-1TOKEN", name: "" },
    { ...OF, originId: 'env-1","TOKEN', name: "" },
  ];
  for (const of of others) {
    strictEqual(await openSecret(sealed, { of, dataKey: key }), undefined);
  }
  const other = await dataKey();
  strictEqual(await openSecret(sealed, { of: OF, dataKey: other }), undefined);
});

Deno.test("the same text is sealed in another way each time", async () => {
  const key = await dataKey();
  const nonces = new Set<string>();
  for (let i = 0; i < 200; i++) {
    const sealed = await sealSecret("same", { of: OF, dataKey: key, random });
    nonces.add(sealed.slice(1, 13).toHex());
  }
  strictEqual(nonces.size, 200);
});

Deno.test("a data key is unwrapped by its master key, for its owner alone", async () => {
  const [master, other] = [await masterKey(), await masterKey()];
  const of = { id: "dky-1", ownerId: "env-1" };
  const { key, wrapped } = await newDataKey(master, { of, random });
  const sealed = await sealSecret("a secret", { of: OF, dataKey: key, random });
  const opened = await unwrapDataKey(wrapped, { of, master });
  ok(opened !== undefined && !opened.extractable);
  strictEqual(
    await openSecret(sealed, { of: OF, dataKey: opened }),
    "a secret",
  );
  const cases = [
    { of, master: other },
    { of: { ...of, ownerId: "env-2" }, master },
    { of: { ...of, id: "dky-2" }, master },
  ];
  for (const options of cases) {
    strictEqual(await unwrapDataKey(wrapped, options), undefined);
  }
});

Deno.test("a data key that is wrapped anew opens what it sealed", async () => {
  const [from, to] = [await masterKey(), await masterKey()];
  const of = { id: "dky-1", ownerId: "env-1" };
  const { key, wrapped } = await newDataKey(from, { of, random });
  const sealed = await sealSecret("a secret", { of: OF, dataKey: key, random });
  const anew = await rewrapDataKey(wrapped, { of, from, to, random });
  ok(anew !== undefined);
  strictEqual(await unwrapDataKey(anew, { of, master: from }), undefined);
  const opened = await unwrapDataKey(anew, { of, master: to });
  ok(opened !== undefined);
  strictEqual(
    await openSecret(sealed, { of: OF, dataKey: opened }),
    "a secret",
  );
  strictEqual(
    await rewrapDataKey(wrapped, { of, from: to, to: from, random }),
    undefined,
  );
});

Deno.test("a check value tells the right master key from a wrong one", async () => {
  const bytes = random.bytes(32);
  const [master, same] = [await masterKeyOf(bytes), await masterKeyOf(bytes)];
  deepStrictEqual(master.id, same.id);
  const check = await checkValueOf(master, random);
  strictEqual(await isCheckedBy(same, check), true);
  const other = { ...await masterKey(), id: master.id };
  strictEqual(await isCheckedBy(other, check), false);
  strictEqual(await isCheckedBy({ ...master, id: "key-0" }, check), false);
});
