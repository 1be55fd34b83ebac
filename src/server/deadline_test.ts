import { strictEqual } from "node:assert/strict";
import { withDeadline } from "./deadline.ts";

for (
  const [header, value, isKept] of [
    ["connect-timeout-ms", "2147483647", true],
    ["connect-timeout-ms", "2147483648", false],
    ["connect-timeout-ms", "99999999999", true],
    ["grpc-timeout", "596H", true],
    ["grpc-timeout", "597H", false],
    ["grpc-timeout", "99999999n", true],
    ["grpc-timeout", "nonsense", true],
  ] as const
) {
  Deno.test(`withDeadline() ${isKept ? "keeps" : "drops"} ${header} ${value}`, () => {
    const headers = withDeadline(new Headers({ [header]: value, a: "b" }));
    strictEqual(headers.get(header), isKept ? value : null);
    strictEqual(headers.get("a"), "b");
  });
}
