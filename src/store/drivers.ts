/**
 * Which driver opens databases: the SQLite inside Deno unless a library of the
 * system is asked for, which is loaded then and not before; and that no file
 * is opened by two of them at once.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { failedPrecondition, invalidArgument } from "../model/error.ts";
import { importUnseen } from "../model/unseen.ts";
import { type Driver, DRIVER_NAMES, type DriverName } from "./driver.ts";
import { fileError } from "./file_error.ts";
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

/** Which driver has a file open in this process, and how often. */
interface Hold {
  readonly driver: string;
  count: number;
}

/** The files that are open in this process. */
const HELD: Map<string, Hold> = new Map();

/**
 * Keeps a database file to one driver in this process until it is let go: when
 * one of two SQLite libraries closes a file, the system frees the locks of the
 * other, and what both write is damaged.
 *
 * @throws {StigmerError} FAILED_PRECONDITION while another driver has it open.
 */
export function holdFile(
  { files }: Pick<Host, "files">,
  path: string,
  driver: Driver,
): Disposable {
  // The same file may go by several paths.
  const key = fileIdOf(files, path) ?? path;
  const name = nameOf(driver);
  const hold = HELD.get(key) ?? { driver: name, count: 0 };
  if (hold.driver !== name) {
    throw failedPrecondition(
      `Cannot open database "${path}" with ${name}: this process has it open ` +
        `with ${hold.driver}`,
      { hints: ["Take the same driver for both, or close the other first"] },
    );
  }
  hold.count++;
  HELD.set(key, hold);
  let isHeld = true;
  return {
    [Symbol.dispose]() {
      if (!isHeld) return;
      isHeld = false;
      if (--hold.count === 0) HELD.delete(key);
    },
  };
}

function fileIdOf(files: Host["files"], path: string): string | undefined {
  try {
    return files.stat(path)?.fileId;
  } catch (error) {
    throw fileError(path, error);
  }
}

function nameOf({ name, library }: Driver): string {
  return `driver "${name}"${library === undefined ? "" : ` ("${library}")`}`;
}
