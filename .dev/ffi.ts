/**
 * Runs the suites that lean on the database over SQLite of the system, called
 * by FFI, in place of the one inside Deno: `deno task test:ffi`. The programs
 * that the tests start use it as well.
 *
 * Without the library nothing is run, and it says so; with `--required` that
 * is a failure. Files and folders that are named are run instead of all.
 *
 * @module
 */

import { systemHost } from "../src/host/system.ts";
import { messageOf } from "../src/model/error.ts";
import { chooseDriver } from "../src/store/drivers.ts";
import { runDeno } from "./command.ts";

/** Units of the store and what stands on it, both backends, and every crash. */
const SUITES: readonly string[] = [
  "src/store/",
  "src/backend/",
  "src/engine/",
  "tests/agent/",
  "tests/backend/",
  "tests/engine/",
  "tests/faults/",
  "tests/operations/",
  "tests/transfer/",
  "tests/vault/",
  "tests/workspace/",
];
const REQUIRED = "--required";

if (import.meta.main) Deno.exit(await run(Deno.args));

async function run(args: readonly string[]): Promise<number> {
  const host = systemHost();
  const library = host.env.get("STIGMER_SQLITE_LIBRARY") ?? "";
  let path: string;
  try {
    const driver = await chooseDriver(host, {
      name: "ffi",
      ...(library === "" ? {} : { library }),
    });
    using database = driver.open(":memory:");
    const row = database.prepare("SELECT sqlite_version() AS version").get();
    path = driver.library ?? "";
    console.log(`Tests over SQLite ${row?.version} from "${path}"`);
  } catch (error) {
    const isRequired = args.includes(REQUIRED);
    console.log(
      `${isRequired ? "FAILED" : "SKIPPED"}: no test was run over the driver ` +
        `"ffi". ${messageOf(error)}`,
    );
    return isRequired ? 1 : 0;
  }
  const named = args.filter((it) => it !== REQUIRED);
  const { code } = await runDeno([
    "test",
    "-A",
    "--parallel",
    "--preload",
    "tests/standard_driver.ts",
    ...(named.length === 0 ? SUITES : named),
  ], {
    inherit: true,
    env: {
      STIGMER_KEY_SOURCE: "key-file",
      STIGMER_SQLITE_DRIVER: "ffi",
      STIGMER_SQLITE_LIBRARY: path,
      STIGMER_TESTED_DRIVER: "ffi",
    },
  });
  return code;
}
