import assert from "node:assert/strict";
import { common, parse, Root, type Type } from "protobufjs";
import type { JsonObject } from "../model/json.ts";
import { Fault } from "./_fault.ts";
import { decodeMessage } from "./_proto_decode.ts";
import { encodeMessage } from "./_proto_encode.ts";

function typeOf(fields: string): Type {
  const root = new Root();
  parse(`syntax = "proto3"; message M { ${fields} }`, root, { keepCase: true });
  const time = common.get("google/protobuf/timestamp.proto");
  root.addJSON(time?.nested ?? {}).resolveAll();
  return root.lookupType("M");
}

const MAPS = typeOf(
  "map<int64, string> signed = 1; map<fixed64, int32> unsigned = 2;" +
    "map<bool, int32> flags = 3; map<sint32, int32> small = 4;" +
    "map<string, int32> texts = 5;",
);

Deno.test("keys of maps come out as they went in, whatever they are", () => {
  const maps: JsonObject = {
    signed: { "0": "a", "-1": "b", "9007199254740993": "c" },
    unsigned: { "18446744073709551615": 1 },
    flags: { "true": 1, "false": 2 },
    small: { "-1": 1, "7": 2 },
    texts: { "": 1, "a.b": 2, "12345678": 3 },
  };
  assert.deepEqual(decodeMessage(encodeMessage(maps, MAPS), MAPS), maps);
});

Deno.test("keys of maps that are none are refused, and not sent as others", () => {
  const cases: readonly (readonly [JsonObject, RegExp])[] = [
    [{ signed: { x: "a" } }, /"arguments.signed.x" must be a whole number of/],
    [{ unsigned: { "-1": 1 } }, /must be a whole number of fixed64/],
    [{ flags: { yes: 1 } }, /"arguments.flags.yes" must be true or false/],
    [{ small: { "1.5": 1 } }, /must be a whole number of sint32/],
    [{ small: { q: 1 } }, /"arguments.small.q" must be a number, not "q"/],
  ];
  for (const [message, expected] of cases) {
    assert.throws(() => encodeMessage(message, MAPS), (error) => {
      assert.ok(error instanceof Fault);
      assert.match(error.failure.type, /validation$/);
      assert.match(error.failure.detail, expected);
      return true;
    });
  }
});

Deno.test("what is wrong with a text is said without its beginning when it is long", () => {
  const type = typeOf("int32 count = 1;");
  const secret = "k".repeat(100);
  assert.throws(
    () => encodeMessage({ count: secret }, type),
    /"arguments.count" must be a number, not a text of 100 characters$/,
  );
});

Deno.test("a time that no calendar has is the server's failure", () => {
  const type = typeOf("google.protobuf.Timestamp at = 1;");
  const time = type.root.lookupType("google.protobuf.Timestamp");
  const bytes = type.encode(
    type.create({ at: time.create({ seconds: "99999999999999" }) }),
  ).finish();
  assert.throws(() => decodeMessage(bytes, type), (error) => {
    assert.ok(error instanceof Fault);
    assert.match(error.failure.type, /communication$/);
    assert.match(error.message, /a time of 99999999999999 seconds/);
    return true;
  });
});
