/**
 * A server over a home folder until it is killed: `HOME PORT LIMITS`. It
 * prints its port once it listens.
 *
 * @module
 */

import "../standard_driver.ts";
import { openLocalBackend } from "../../src/backend/local.ts";
import { systemHost } from "../../src/host/system.ts";
import { startServer } from "../../src/server/serve.ts";

const [home = "", port = "0", limits = "{}"] = Deno.args;
const host = systemHost();
const server = await startServer({
  host,
  backend: openLocalBackend({
    host,
    databasePath: `${home}/stigmer.db`,
    execute: "none",
  }),
  address: { kind: "tcp", hostname: "127.0.0.1", port: Number(port) },
  open: true,
  limits: JSON.parse(limits),
});
console.log(server.http.port);
