/**
 * Asks the server of an endpoint who it is: `ENDPOINT [CERTIFICATE]`. It
 * prints the type of the backend, or the error's code and message.
 *
 * @module
 */

import { toStigmerError } from "../../src/backend/errors.ts";
import { openBackend } from "../../src/backend/open.ts";

const [endpoint = "", cert = ""] = Deno.args;
await using backend = await openBackend({
  cloud: { endpoint, ...(cert === "" ? {} : { caCerts: [cert] }) },
});
try {
  console.log((await backend.client.getBackendInfo({})).type);
} catch (thrown) {
  const { code, message } = toStigmerError(thrown);
  console.log(code, message);
  Deno.exitCode = 1;
}
