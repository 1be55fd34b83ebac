import { deepEqual, doesNotMatch } from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { ResourceSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { checkResource } from "./check_resource.ts";
import { checkSecretValues, type SecretRules } from "./check_secrets.ts";

function found(spec: JsonObject, rules: SecretRules = {}): string[] {
  const environment = { metadata: { name: "prod" }, spec };
  return checkResource(fromJson(ResourceSchema, { environment }), rules)
    .map((it) => `${it.pointer}${it.atKey ? " (key)" : ""} ${it.message}`);
}

Deno.test("checkResource() holds what a secret may be", () => {
  const long = "é".repeat(32 * 1024 + 1);
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["hunter2", []],
    ["four", []],
    ["日本語字", []],
    ["***", []],
    ["stigmer-sealed:v1:x", []],
    ["é".repeat(32 * 1024), []],
    [`stigmer-sealed:v1:${"x".repeat(100 * 1024)}`, []],
    ["", ['/spec/secrets/A Secret "A" is empty']],
    ["abc", [
      '/spec/secrets/A Secret "A" has under 4 characters, it could not be hidden in what a run shows',
    ]],
    ["😀😀😀", [
      '/spec/secrets/A Secret "A" has under 4 characters, it could not be hidden in what a run shows',
    ]],
    ["abcd\0efg", [
      '/spec/secrets/A Secret "A" holds a NUL character, which no process can be given',
    ]],
    [long, ['/spec/secrets/A Secret "A" is longer than 64 KiB']],
  ];
  for (const [value, expected] of cases) {
    deepEqual(found({ secrets: { A: value } }), expected, value.slice(0, 40));
  }
  deepEqual(found({ secrets: { "1-b": "hunter2" } }), [
    '/spec/secrets/1-b (key) "1-b" is no name for a variable',
  ]);
});

Deno.test("checkResource() takes short secrets where that is allowed", () => {
  deepEqual(found({ secrets: { A: "abc" } }, { allowShort: true }), []);
  deepEqual(found({ secrets: { A: "" } }, { allowShort: true }), [
    '/spec/secrets/A Secret "A" is empty',
  ]);
});

Deno.test("checkSecretValues() never says a value", () => {
  const values = { A: "x9z", "b c": "q7v\0q7v", C: "k5j".repeat(100_000) };
  const text = JSON.stringify(checkSecretValues(values, "", {}));
  doesNotMatch(text, /x9z|q7v|k5j/);
});

Deno.test("checkResource() bounds how many secrets there are", () => {
  const secrets = Object.fromEntries(
    Array.from({ length: 1001 }, (_, i) => [`S${i}`, "***"]),
  );
  deepEqual(found({ secrets }), [
    "/spec/secrets There may be 1000 secrets, these are 1001",
  ]);
});

Deno.test("checkResource() holds where referred secrets are", () => {
  const cases: readonly (readonly [JsonObject, readonly string[]])[] = [
    [{ env: "TOKEN" }, []],
    [{ file: "/run/secrets/token" }, []],
    [{ file: "~/token" }, []],
    [{ file: "C:\\token" }, []],
    [{ keychain: "service/account/more" }, []],
    [{}, ['/spec/secretRefs/A Secret "A" refers to nothing']],
    [{ env: "" }, ['/spec/secretRefs/A/env Secret "A" refers to no variable']],
    [{ env: "A=B" }, [
      '/spec/secretRefs/A/env Secret "A" refers to no variable',
    ]],
    [{ file: "token" }, [
      '/spec/secretRefs/A/file Secret "A" needs the whole path of its file',
    ]],
    [{ keychain: "service" }, [
      '/spec/secretRefs/A/keychain Secret "A" refers to no item of the keychain',
    ]],
    [{ env: "STIGMER_MASTER_KEY" }, [
      '/spec/secretRefs/A/env Secret "A" refers to the master key, which no run is given',
    ]],
    [{ env: "Stigmer_Master_Key_Next" }, [
      '/spec/secretRefs/A/env Secret "A" refers to the master key, which no run is given',
    ]],
    [{ env: "STIGMER_MASTER_KEYS" }, []],
    [{ keychain: "stigmer/key-0123456789abcdef0123" }, [
      '/spec/secretRefs/A/keychain Secret "A" refers to the master key, which no run is given',
    ]],
    [{ keychain: "stigmer/mine" }, []],
    [{ file: `/${"x".repeat(5000)}` }, [
      '/spec/secretRefs/A/file Secret "A" refers to no usable place',
    ]],
  ];
  for (const [ref, expected] of cases) {
    deepEqual(found({ secretRefs: { A: ref } }), expected, JSON.stringify(ref));
  }
});

Deno.test("checkResource() refuses a name that is two things", () => {
  const refs = { A: { env: "A" } };
  deepEqual(found({ variables: { A: "1" }, secrets: { A: "hunter2" } }), [
    '/spec/secrets/A (key) "A" is both a variable and a secret, keep one',
  ]);
  deepEqual(found({ variables: { A: "1" }, secretRefs: refs }), [
    '/spec/secretRefs/A (key) "A" is both a variable and a secret, keep one',
  ]);
  deepEqual(found({ secrets: { A: "***" }, secretRefs: refs }), [
    '/spec/secretRefs/A (key) "A" is both a secret that is kept here and a reference to one, keep one',
  ]);
});
