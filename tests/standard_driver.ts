/**
 * Has all of this process use the driver that STIGMER_SQLITE_DRIVER names, as
 * the command line does. `deno task test:ffi` loads it before the tests, and
 * the programs that tests start import it.
 *
 * @module
 */

import { systemHost } from "../src/host/system.ts";
import { chooseDriver, setStandardDriver } from "../src/store/drivers.ts";

const host = systemHost();
const name = host.env.get("STIGMER_SQLITE_DRIVER") ?? "";
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
