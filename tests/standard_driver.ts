/**
 * Has all of this process use the driver that STIGMER_SQLITE_DRIVER names, as
 * the command line does. `deno task test:ffi` loads it before the tests, and
 * the programs that tests start import it.
 *
 * @module
 */

import { systemHost } from "../src/host/system.ts";
import { chooseDriver, setStandardDriver } from "../src/store/drivers.ts";

const VARIABLE = "STIGMER_SQLITE_DRIVER";

const host = systemHost();
// A program that may not look has the driver that everybody has.
const { state } = Deno.permissions.querySync({
  name: "env",
  variable: VARIABLE,
});
const name = state === "granted" ? host.env.get(VARIABLE) ?? "" : "";
if (name !== "") {
  const library = host.env.get("STIGMER_SQLITE_LIBRARY") ?? "";
  const isFfi = name === "ffi";
  setStandardDriver(
    await chooseDriver(host, {
      name: isFfi ? "ffi" : "node",
      ...(isFfi && library !== "" ? { library } : {}),
    }),
  );
}
