import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { StigmerError } from "../model/error.ts";
import { parseMasterKey } from "./_given_key.ts";
import { envFileSource } from "./env_file_source.ts";
import { envSource } from "./env_source.ts";
import { masterKeyId } from "./key_id.ts";
import { chooseSource, findKey, type KeySource } from "./key_source.ts";
import { keySources, wantedSource } from "./key_sources.ts";

const KEY = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);
const HEX = KEY.toHex();

function sourcesOf(
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): readonly KeySource[] {
  return keySources(fakeHost({ env, files }), {
    databasePath: "/home/user/stigmer.db",
  });
}

Deno.test("masterKeyId() is the same for a key and differs between keys", async () => {
  strictEqual(await masterKeyId(KEY), await masterKeyId(KEY));
  strictEqual(/^key-[0-9a-f]{20}$/.test(await masterKeyId(KEY)), true);
  strictEqual(await masterKeyId(KEY) === await masterKeyId(OTHER), false);
});

Deno.test("parseMasterKey() reads base64, base64url and hex of 32 bytes", () => {
  const odd = new Uint8Array(32).fill(0xfb);
  for (
    const text of [
      odd.toBase64(),
      odd.toBase64({ omitPadding: true }),
      odd.toBase64({ alphabet: "base64url" }),
      odd.toBase64({ alphabet: "base64url", omitPadding: true }),
      odd.toHex(),
      odd.toHex().toUpperCase(),
    ]
  ) deepStrictEqual(parseMasterKey(text), odd, text);
});

Deno.test("parseMasterKey() refuses what is no key", () => {
  for (
    const text of [
      "",
      "hunter2",
      HEX.slice(2),
      new Uint8Array(31).toBase64(),
      new Uint8Array(33).toBase64(),
      new Uint8Array(16).toHex(),
    ]
  ) strictEqual(parseMasterKey(text), undefined, text);
});

Deno.test("chooseSource() takes the sources in their order and says why", async () => {
  const cases = [
    [{}, {}, "key-file"],
    [{ STIGMER_MASTER_KEY_FILE: "/k" }, { "/k": `${HEX}\n` }, "env-file"],
    [{ STIGMER_MASTER_KEY: HEX, STIGMER_MASTER_KEY_FILE: "/k" }, {}, "env"],
    [{ STIGMER_MASTER_KEY: "" }, {}, "key-file"],
  ] as const;
  for (const [env, files, kind] of cases) {
    const { source, reason } = await chooseSource(sourcesOf(env, files));
    strictEqual(source.kind, kind);
    strictEqual(reason.includes("secret-tool is not installed"), true, reason);
  }
});

Deno.test("chooseSource() takes the one that is wanted", async () => {
  const sources = sourcesOf({ STIGMER_MASTER_KEY: HEX });
  const { source } = await chooseSource(sources, { wanted: "key-file" });
  strictEqual(source.kind, "key-file");
});

Deno.test("chooseSource() takes no other in place of one that is wanted or broken", async () => {
  const cases = [
    [{}, "keychain", "FAILED_PRECONDITION", /secret-tool is not installed/],
    [{}, "env", "FAILED_PRECONDITION", /STIGMER_MASTER_KEY: it is not set/],
    [
      {},
      "vaultwarden",
      "INVALID_ARGUMENT",
      /keychain, env, env-file, key-file/,
    ],
    [
      { STIGMER_MASTER_KEY: "hunter2hunter2" },
      "",
      "FAILED_PRECONDITION",
      /STIGMER_MASTER_KEY: what it gives is no key, 32 random bytes as base64/,
    ],
    [
      { STIGMER_MASTER_KEY_FILE: "/none" },
      "",
      "FAILED_PRECONDITION",
      /_FILE: it names "\/none", which cannot be read/,
    ],
  ] as const;
  for (const [env, wanted, code, words] of cases) {
    await rejects(chooseSource(sourcesOf(env), { wanted }), (error) => {
      strictEqual(error instanceof StigmerError && error.code, code);
      strictEqual(words.test(String(error)), true, String(error));
      strictEqual(String(error).includes("hunter2"), false);
      return true;
    });
  }
});

Deno.test("a given key is read by its id, also the one to rotate to", async () => {
  const files = { "/a": KEY.toBase64(), "/b": OTHER.toBase64() };
  const env = {
    STIGMER_MASTER_KEY: HEX,
    STIGMER_MASTER_KEY_NEXT: OTHER.toHex(),
    STIGMER_MASTER_KEY_FILE: "/a",
    STIGMER_MASTER_KEY_FILE_NEXT: "/b",
  };
  const host = fakeHost({ env, files });
  for (const source of [envSource(host), envFileSource(host)]) {
    deepStrictEqual(await source.offered("first"), KEY);
    deepStrictEqual(await source.offered("next"), OTHER);
    deepStrictEqual(await source.read(await masterKeyId(KEY)), KEY);
    deepStrictEqual(await source.read(await masterKeyId(OTHER)), OTHER);
    strictEqual(await source.read("key-00000000000000000000"), undefined);
  }
});

Deno.test("a broken key beside the right one is no hindrance", async () => {
  const keyId = await masterKeyId(KEY);
  for (const [first, next] of [["rubbish", HEX], [HEX, "rubbish"]] as const) {
    const env = { STIGMER_MASTER_KEY: first, STIGMER_MASTER_KEY_NEXT: next };
    const source = envSource(fakeHost({ env }));
    deepStrictEqual(await source.read(keyId), KEY);
    await rejects(source.read("key-none"), /what it gives is no key/);
  }
});

Deno.test("a given key is never written, and asked for by name when it is missing", async () => {
  const host = fakeHost();
  for (const source of [envSource(host), envFileSource(host)]) {
    const code = { code: "FAILED_PRECONDITION" };
    await rejects(source.write("key-1", KEY), code);
    await rejects(source.remove("key-1"), code);
    await rejects(source.offered("next"), code);
    await rejects(source.offered("next"), /STIGMER_MASTER_KEY\w*_NEXT: it is/);
  }
});

Deno.test("a file of a key that is empty or too long is refused", async () => {
  for (const text of ["", "\n", "x".repeat(5000)]) {
    const source = envFileSource(fakeHost({
      env: { STIGMER_MASTER_KEY_FILE: "/k" },
      files: { "/k": text },
    }));
    await rejects(source.offered("first"), { code: "FAILED_PRECONDITION" });
    const usability = await source.probe();
    strictEqual(!usability.usable && usability.broken, true);
  }
});

Deno.test("findKey() finds a key wherever it is and says where it is not", async () => {
  const keyId = await masterKeyId(KEY);
  const sources = sourcesOf({ STIGMER_MASTER_KEY: HEX });
  const found = await findKey(sources, { keyId, keptIn: "key-file" });
  strictEqual(found.kind === "found" && found.source.kind, "env");
  const keptIn = "key-file";
  const missing = await findKey(sources, { keyId: "key-none", keptIn });
  deepStrictEqual(
    missing.kind === "missing" && missing.passed.map(({ kind }) => kind),
    ["key-file", "keychain", "env", "env-file"],
  );
});

Deno.test("findKey() says which keys are in the place of one, and nothing of places that never had it", async () => {
  const held = await masterKeyId(KEY);
  const cases = [
    [
      "env",
      { STIGMER_MASTER_KEY: HEX },
      {},
      `STIGMER_MASTER_KEY: it holds ${held}`,
    ],
    ["env", {}, {}, "STIGMER_MASTER_KEY: it is not set"],
    [
      "env-file",
      { STIGMER_MASTER_KEY_FILE: "k" },
      { "/home/user/k": HEX },
      `the file of STIGMER_MASTER_KEY_FILE: it holds ${held}`,
    ],
    ["key-file", {}, {}, "a key file: it is not there"],
    [
      "key-file",
      { STIGMER_MASTER_KEY: HEX },
      {},
      `a key file: it is not there; STIGMER_MASTER_KEY: it holds ${held}`,
    ],
  ] as const;
  for (const [keptIn, env, files, searched] of cases) {
    const found = await findKey(sourcesOf(env, files), {
      keyId: "key-none",
      keptIn,
    });
    strictEqual(found.kind === "missing" && found.searched, searched);
  }
});

Deno.test("findKey() goes on past a source that cannot be read", async () => {
  const broken = { STIGMER_MASTER_KEY_FILE: "/none" };
  const keyId = await masterKeyId(KEY);
  const keptIn = "env-file";
  const missing = await findKey(sourcesOf(broken), { keyId, keptIn });
  strictEqual(
    missing.kind === "missing" && missing.passed[0]?.why,
    'it names "/none", which cannot be read',
  );
  const both = { ...broken, STIGMER_MASTER_KEY: HEX };
  const found = await findKey(sourcesOf(both), { keyId, keptIn });
  strictEqual(found.kind, "found");
});

Deno.test("wantedSource() is what is asked for, else what the variable names", () => {
  const host = fakeHost({ env: { STIGMER_KEY_SOURCE: "key-file" } });
  strictEqual(wantedSource(host), "key-file");
  strictEqual(wantedSource(host, "env"), "env");
  strictEqual(wantedSource(fakeHost()), "");
});
