import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { openStore } from "./open.ts";
import {
  insertAccesses,
  listAccesses,
  type SecretAccess,
} from "./secret_accesses.ts";

const ACCESS: SecretAccess = {
  timeMs: 1,
  identity: "local-user",
  name: "A",
  origin: "env-1",
  executionId: "wex-1",
  path: "/do/0/a",
  purpose: "use",
};

Deno.test("listAccesses() gives pages, newest first, by any filter", async () => {
  const path = await Deno.makeTempDir({ prefix: "stigmer-accesses-" });
  try {
    using store = openStore(`${path}/stigmer.db`, { host: systemHost() });
    const { database } = store;
    insertAccesses(database, [
      ACCESS,
      { ...ACCESS, timeMs: 2, name: "B" },
      { ...ACCESS, timeMs: 3, executionId: "wex-2", purpose: "mask" },
      { ...ACCESS, timeMs: 4, origin: "env-2", purpose: "reveal" },
    ]);
    const all = { size: 0, token: "" };
    const times = (filter: Parameters<typeof listAccesses>[1]): number[] =>
      listAccesses(database, filter, all).items.map((it) => it.timeMs);
    deepStrictEqual(times({}), [4, 3, 2, 1]);
    deepStrictEqual(times({ executionId: "wex-2" }), [3]);
    deepStrictEqual(times({ origin: "env-2", name: "A" }), [4]);
    deepStrictEqual(times({ name: "A", sinceMs: 3 }), [4, 3]);
    deepStrictEqual(times({ purpose: "mask" }), [3]);
    deepStrictEqual(times({ purpose: "export" }), []);
    deepStrictEqual(listAccesses(database, { name: "B" }, all).items, [
      { ...ACCESS, timeMs: 2, name: "B" },
    ]);
    const first = listAccesses(database, {}, { size: 3, token: "" });
    const second = listAccesses(database, {}, {
      size: 3,
      token: first.nextToken,
    });
    deepStrictEqual(second.items.map((it) => it.timeMs), [1]);
    strictEqual(second.nextToken, "");
    throws(
      () =>
        listAccesses(database, { name: "A" }, {
          size: 3,
          token: first.nextToken,
        }),
      /page token/,
    );
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});
