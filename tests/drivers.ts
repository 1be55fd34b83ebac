/**
 * The drivers that tests run over: both, where the system has the library.
 *
 * @module
 */

import { systemHost } from "../src/host/system.ts";
import { messageOf } from "../src/model/error.ts";
import type { Driver } from "../src/store/driver.ts";
import { chooseDriver } from "../src/store/drivers.ts";
import { NODE_DRIVER } from "../src/store/node_driver.ts";

const NO_LIBRARY_REGEXP =
  /cannot open shared object|no such file|image not found|could not be found/i;

/** The driver over the library of this system, or why there is none. */
export const FFI: Driver | { readonly missing: string } = await load();

/** Every driver there is here. */
export const DRIVERS: readonly Driver[] = "missing" in FFI
  ? [NODE_DRIVER]
  : [NODE_DRIVER, FFI];

/** Gives a name for each driver to a test that is run over all of them. */
export function overDrivers(
  name: string,
  test: (driver: Driver) => void | Promise<void>,
): void {
  for (const driver of DRIVERS) {
    Deno.test(`${name} (${driver.name})`, () => test(driver));
  }
  if ("missing" in FFI) {
    Deno.test.ignore(`${name} (ffi): ${FFI.missing}`, () => {});
  }
}

/** Runs a test that holds the drivers against each other, where there are two. */
export function compareDrivers(
  name: string,
  test: () => void | Promise<void>,
): void {
  if ("missing" in FFI) Deno.test.ignore(`${name}: ${FFI.missing}`, () => {});
  else Deno.test(name, test);
}

async function load(): Promise<typeof FFI> {
  const host = systemHost();
  const library = host.env.get("STIGMER_SQLITE_LIBRARY") ?? "";
  if (host.platform.os !== "linux" && library === "") {
    return { missing: "name it with STIGMER_SQLITE_LIBRARY on this system" };
  }
  try {
    return await chooseDriver(host, {
      name: "ffi",
      ...(library === "" ? {} : { library }),
    });
  } catch (error) {
    // One that is there and does not do is no reason to leave tests out.
    if (!NO_LIBRARY_REGEXP.test(messageOf(error))) throw error;
    return { missing: messageOf(error) };
  }
}
