import assert from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import {
  bytesOf,
  integerOf,
  objectOf,
  textListOf,
  textMapOf,
  textOf,
} from "./columns.ts";

Deno.test("columns are read as what they were written as", () => {
  assert.equal(textOf({ x: "é" }, "x"), "é");
  assert.equal(integerOf({ x: 7 }, "x"), 7);
  assert.deepEqual(objectOf({ x: '{"a":[1]}' }, "x"), { a: [1] });
  assert.deepEqual(textMapOf({ x: '{"a":"b"}' }, "x"), { a: "b" });
  assert.deepEqual(textListOf({ x: '["a"]' }, "x"), ["a"]);
  const bytes = new Uint8Array([1]);
  assert.equal(bytesOf({ x: bytes }, "x"), bytes);
});

Deno.test("a column that something else wrote is a loss of data", () => {
  const cases = [
    () => textOf({ x: 1 }, "x"),
    () => textOf({}, "x"),
    () => integerOf({ x: "1" }, "x"),
    () => bytesOf({ x: null }, "x"),
    () => objectOf({ x: "[]" }, "x"),
    () => textListOf({ x: "{}" }, "x"),
  ];
  for (const read of cases) {
    assert.throws(
      read,
      (error) => error instanceof StigmerError && error.code === "DATA_LOSS",
    );
  }
});
