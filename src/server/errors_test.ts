import { doesNotMatch, match, strictEqual } from "node:assert/strict";
import { Code } from "@connectrpc/connect";
import { toConnectError } from "../backend/errors.ts";
import { StigmerError } from "../model/error.ts";
import { shownError } from "./errors.ts";
import type { LogFields } from "./log.ts";

/** What is told of an error, and what is logged. */
function shown(thrown: unknown) {
  const logged: { message: string; fields: LogFields }[] = [];
  const error = shownError(thrown, {
    requestId: "req-1",
    method: "events",
    log: {
      write: (_, message, fields = {}) => void logged.push({ message, fields }),
    },
  });
  return { error, logged };
}

Deno.test("shownError() hides what nobody expected, also behind a client in this process", () => {
  const thrown = new TypeError("no such table: tokens at /srv/stigmer.db");
  for (const way of [thrown, toConnectError(thrown)]) {
    const { error, logged } = shown(way);
    strictEqual(error.code, Code.Internal);
    doesNotMatch(error.rawMessage, /tokens|srv/);
    const [line] = logged;
    match(line?.message ?? "", /no such table/);
    match(String(line?.fields.stack), /errors_test/);
    strictEqual(line?.fields.request_id, "req-1");
  }
});

Deno.test("shownError() tells what was expected", () => {
  const expected = new StigmerError("INTERNAL", "Cannot read the key");
  for (const way of [expected, toConnectError(expected)]) {
    const { error, logged } = shown(way);
    strictEqual(error.rawMessage, "Cannot read the key");
    strictEqual(logged.length, 0);
  }
});
