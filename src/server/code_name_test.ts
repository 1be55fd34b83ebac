import { strictEqual } from "node:assert/strict";
import { Code, ConnectError } from "@connectrpc/connect";
import { codeName, httpStatus } from "./code_name.ts";

Deno.test("codeName() says how a call ended", () => {
  strictEqual(codeName(undefined), "ok");
  strictEqual(codeName(undefined, 200), "ok");
  strictEqual(codeName(undefined, 415), "unsupported_media_type");
  strictEqual(codeName(undefined, 418), "http_418");
  const error = new ConnectError("", Code.NotFound);
  // The error knows more than the status.
  strictEqual(codeName(error, 200), "not_found");
  strictEqual(httpStatus(error), 404);
});

Deno.test("every code has a name and a status of a failure", () => {
  for (const code of Object.values(Code)) {
    if (typeof code !== "number") continue;
    const error = new ConnectError("", code);
    strictEqual(/^[a-z_]+$/.test(codeName(error)), true, String(code));
    strictEqual(httpStatus(error) >= 400, true, String(code));
  }
});
