import { deepStrictEqual } from "node:assert/strict";
import { listFiles, readText } from "./_tree.ts";

Deno.test("nothing but stigmer upgrade has the way to releases", async () => {
  const users: string[] = [];
  for (const path of await listFiles("src/")) {
    if (!path.endsWith(".ts") || path.startsWith("src/release/")) continue;
    if (/["/]release\/\w+\.ts"/.test(await readText(path))) users.push(path);
  }
  deepStrictEqual(users, ["src/cli/upgrading.ts"]);
});
