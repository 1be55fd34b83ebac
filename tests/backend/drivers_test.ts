import assert from "node:assert/strict";
import { openBackend } from "../../src/backend/open.ts";
import { FFI } from "../drivers.ts";
import { temporaryHome } from "./suite.ts";

Deno.test({
  name: "openBackend() takes the SQLite of the system, and so does its backup",
  ignore: "missing" in FFI,
  async fn() {
    if ("missing" in FFI) return;
    const { library = "" } = FFI;
    await using home = temporaryHome();
    const options = { home: home.path, execute: "none" } as const;
    {
      await using backend = await openBackend({
        ...options,
        driver: "ffi",
        library,
      });
      const { client } = backend;
      await client.createEnvironment({
        environment: { metadata: { name: "a" } },
      });
      const { findings } = await client.diagnoseBackend({
        groups: ["database"],
      });
      assert.match(
        findings[0]?.detail ?? "",
        /opens, SQLite \d+\.\d+\.\d+ from ".+" \(driver ffi\)$/,
      );
      let sizeBytes = 0;
      for await (const { chunk } of client.backUpDatabase({})) {
        sizeBytes += chunk.length;
      }
      assert.ok(sizeBytes > 4096, `${sizeBytes} bytes`);
    }
    await using backend = await openBackend({ ...options, driver: "node" });
    const { environments } = await backend.client.listEnvironments({});
    assert.deepEqual(environments.map((it) => it.metadata?.name), ["a"]);
  },
});

Deno.test("openBackend() refuses a library that nothing would call", async () => {
  await using home = temporaryHome();
  const options = { home: home.path, library: "/x.so" };
  for (const driver of [{}, { driver: "node" }] as const) {
    await assert.rejects(
      openBackend({ ...options, ...driver }),
      /Cannot use the library "\/x\.so": only the driver "ffi" takes one/,
    );
  }
});
