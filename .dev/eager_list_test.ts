import { ok } from "node:assert/strict";
import { readEagerList } from "./eager_list.ts";

Deno.test("the list of what is compiled early has what every start runs", async () => {
  const keys = await readEagerList();
  for (const key of ["main", "dispatch", "openBackend", "openStore"]) {
    ok(keys.has(key), key);
  }
  ok(![...keys].some((it) => it.startsWith("#")));
});
