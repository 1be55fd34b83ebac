/**
 * Which driver opens databases: the SQLite inside Deno unless a library of the
 * system is asked for, which is loaded then and not before.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { invalidArgument } from "../model/error.ts";
import { importUnseen } from "../model/unseen.ts";
import { type Driver, DRIVER_NAMES, type DriverName } from "./driver.ts";
import { NODE_DRIVER } from "./node_driver.ts";

/** What takes a driver, and does without. */
export interface WithDriver {
  /** What opens databases; default the driver of this process. */
  readonly driver?: Driver;
}

/** Which driver is wanted. */
export interface DriverChoice {
  /** Default the driver of this process. */
  readonly name?: DriverName;
  /** Path of the library for `ffi`; default where the system has it. */
  readonly library?: string;
}

let standard: Driver = NODE_DRIVER;

/** The driver of this process: what opens databases where none is named. */
export function standardDriver(): Driver {
  return standard;
}

/** Sets the driver of this process; the tests run over each. */
export function setStandardDriver(driver: Driver): void {
  standard = driver;
}

/**
 * Gets a driver ready.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a name that none has, or a
 * library that nothing would use; what `loadFfiDriver` throws.
 */
export async function chooseDriver(
  host: Host,
  { name, library }: DriverChoice,
): Promise<Driver> {
  if (name !== undefined && !DRIVER_NAMES.includes(name)) {
    throw invalidArgument(
      `Cannot find driver "${name}", choose one of ${DRIVER_NAMES.join(", ")}`,
    );
  }
  if (name !== "ffi") {
    if (library === undefined) {
      return name === undefined ? standardDriver() : NODE_DRIVER;
    }
    throw invalidArgument(
      `Cannot use the library "${library}": only the driver "ffi" takes one`,
      { hints: ['Choose the driver "ffi" with it, or leave it out'] },
    );
  }
  const { loadFfiDriver } = await importUnseen<
    typeof import("./ffi_driver.ts")
  >("./ffi_driver.ts", import.meta.url);
  return await loadFfiDriver(host, library);
}
