/**
 * Answers an execution and says how that went.
 *
 * Usage: respond.ts HOME ID OUTCOME
 *
 * @module
 */

import "../../standard_driver.ts";
import { toStigmerError } from "../../../src/backend/errors.ts";
import { openBackend } from "../../../src/backend/open.ts";

const [home = "", id = "", outcome = ""] = Deno.args;
await using backend = await openBackend({ home, execute: "none" });
try {
  await backend.client.respondExecution({ id, outcome });
  console.log(`won ${outcome}`);
} catch (thrown) {
  const error = toStigmerError(thrown);
  console.log(`${error.code} ${error.message}`);
}
