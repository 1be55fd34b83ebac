/**
 * A process that runs a workflow with a secret, and says its id.
 *
 * @module
 */

import "../../standard_driver.ts";
import { openBackend } from "../../../src/backend/open.ts";
import { callerOf } from "../callers.ts";

const [home = "", url = "", secret = ""] = Deno.args;
const backend = await openBackend({ home });
const { execution } = await backend.client.createExecution({
  ...callerOf(url),
  environments: ["prod"],
  secrets: { RUN_KEY: secret },
});
const id = execution?.metadata?.id ?? "";
console.log(id);
for await (const _ of backend.client.watchExecution({ id }));
await backend.close();
