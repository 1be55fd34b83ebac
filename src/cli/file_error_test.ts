import { strictEqual } from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import { fileErrorOf, withoutRawWords } from "./file_error.ts";

Deno.test("fileErrorOf() names the act, the path and the reason", () => {
  const cases: readonly (readonly [Error, string, string])[] = [
    [
      new Deno.errors.NotFound("No such file (os error 2): mkdir '/proc/x'"),
      'Cannot make "/proc/x": no such file or folder',
      "NOT_FOUND",
    ],
    [
      new Deno.errors.PermissionDenied("(os error 13): stat '/a b'"),
      'Cannot look at "/a b": permission denied',
      "PERMISSION_DENIED",
    ],
    [
      new Error("Read-only file system (os error 30): open '/x'"),
      'Cannot open "/x": read-only file system',
      "FAILED_PRECONDITION",
    ],
  ];
  for (const [thrown, message, code] of cases) {
    const error = fileErrorOf(thrown);
    strictEqual(error?.message, message);
    strictEqual(error?.code, code);
    strictEqual(error?.hints.length, 1);
  }
  strictEqual(fileErrorOf(new Error("Something else")), undefined);
});

Deno.test("withoutRawWords() retells what another room could not name", () => {
  const cause = new Deno.errors.NotFound("No such (os error 2): mkdir '/p'");
  const error = new StigmerError(
    "INTERNAL",
    `Cannot open database "/p/a.db": ${cause.message}`,
    { cause },
  );
  const said = withoutRawWords(error);
  strictEqual(
    said.message,
    'Cannot open database "/p/a.db": no such file or folder',
  );
  const other = new StigmerError("INTERNAL", "Cannot do it", { cause });
  strictEqual(withoutRawWords(other), other);
});
