import { strictEqual } from "node:assert/strict";
import { openBackend } from "../../src/backend/open.ts";
import { callJson, startServed } from "./served.ts";

const MONTH_MS = 30 * 24 * 60 * 60 * 1000;

Deno.test("a call that may take a month does not end at once", async () => {
  await using it = await startServed();
  const response = await callJson(it.url, "DiagnoseBackend", {
    headers: { "connect-timeout-ms": String(MONTH_MS) },
  });
  strictEqual(response.status, 200, await response.text());
  await using backend = await openBackend({
    cloud: { endpoint: it.url, timeoutMs: MONTH_MS },
  });
  strictEqual((await backend.client.listAgents({})).agents.length, 0);
});
