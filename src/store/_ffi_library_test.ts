import assert from "node:assert/strict";
import { fakeHost, type FakeHostOptions } from "../host/fake.ts";
import { systemHost } from "../host/system.ts";
import type { Host, Libraries, Permissions } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";
import { FFI } from "../../tests/drivers.ts";
import { chooseDriver, type DriverChoice } from "./drivers.ts";

const LINUX_PATH = "/usr/lib/x86_64-linux-gnu/libsqlite3.so.0";

/** What a machine has, and what was done with it, in order. */
interface Machine extends FakeHostOptions {
  readonly allowed?: (path: string) => boolean;
  /** Gives the version of a library; throws where there is none. */
  readonly version?: (path: string) => number;
  readonly threadsafe?: number;
  readonly standalone?: boolean;
}

/** Tries a driver on a machine; gives the error and what was done before. */
async function tried(
  machine: Machine,
  choice: DriverChoice = { name: "ffi" },
): Promise<{ readonly error: StigmerError; readonly done: string[] }> {
  const done: string[] = [];
  const { allowed = () => true, version = () => 3_045_001 } = machine;
  const libraries: Libraries = {
    open(path, functions) {
      done.push(`load ${path}`);
      const number = version(path);
      if (!("sqlite3_libversion_number" in functions)) {
        throw new Error("Could not open library: Could not open library: far");
      }
      // A fake has no library: it answers the two calls that are made.
      return {
        sqlite3_libversion_number: () => number,
        sqlite3_threadsafe: () => machine.threadsafe ?? 1,
      } as never;
    },
  };
  const host = fakeHost({ ...machine, libraries });
  const permissions: Permissions = {
    ...host.permissions,
    query: (_, path = "") => allowed(path) ? "all" : "none",
    ask(_, path) {
      done.push(`ask ${path}`);
      return Promise.resolve(allowed(path));
    },
  };
  const platform = {
    ...host.platform,
    standalone: machine.standalone ?? false,
  };
  try {
    await chooseDriver({ ...host, permissions, platform }, choice);
  } catch (error) {
    assert.ok(error instanceof StigmerError, String(error));
    return { error, done };
  }
  return assert.fail("it was loaded");
}

Deno.test("a library is loaded after leave was asked for its exact path", async () => {
  const path = "/opt/sqlite/libsqlite3.so";
  const { done } = await tried({}, { name: "ffi", library: path });
  assert.deepEqual(done, [`ask ${path}`, `load ${path}`, `load ${path}`]);
});

Deno.test("without leave nothing is loaded, and the flag is named", async () => {
  const refused = await tried({ allowed: () => false });
  assert.deepEqual(refused.done, ["ask libsqlite3.so.0"]);
  assert.equal(refused.error.code, "PERMISSION_DENIED");
  assert.match(refused.error.hints[0] ?? "", /--allow-ffi="libsqlite3\.so\.0"/);
  const { error } = await tried({
    allowed: () => false,
    files: { [LINUX_PATH]: "" },
    standalone: true,
  });
  assert.match(error.message, /x86_64-linux-gnu/);
  assert.match(error.hints[0] ?? "", /executable never may.*deno run --allow/);
});

Deno.test("the library is where each system has it", async () => {
  const cases: readonly (readonly [Machine, string])[] = [
    [{ files: { [LINUX_PATH]: "" } }, LINUX_PATH],
    [
      { files: { "/usr/lib64/libsqlite3.so.0": "" } },
      "/usr/lib64/libsqlite3.so.0",
    ],
    [{}, "libsqlite3.so.0"],
    [{ os: "darwin" }, "/usr/lib/libsqlite3.dylib"],
    [{ os: "windows" }, "sqlite3.dll"],
    [
      {
        os: "windows",
        env: { SystemRoot: "D:\\W" },
        files: { "D:\\W\\System32\\winsqlite3.dll": "" },
      },
      "D:\\W\\System32\\winsqlite3.dll",
    ],
  ];
  for (const [machine, expected] of cases) {
    const { done } = await tried({ ...machine, allowed: () => false });
    assert.deepEqual(done, [`ask ${expected}`]);
  }
});

Deno.test("Windows' memory is read by a library that is asked for, too", async () => {
  const { done } = await tried({ os: "windows" }, {
    name: "ffi",
    library: "C:\\x\\sqlite3.dll",
  });
  assert.deepEqual(done.slice(0, 3), [
    "ask C:\\x\\sqlite3.dll",
    "load C:\\x\\sqlite3.dll",
    "ask C:\\Windows\\System32\\ntdll.dll",
  ]);
});

Deno.test("a library that will not do is refused, with the reason", async () => {
  const cases: readonly (readonly [Machine, RegExp])[] = [
    [{ version: () => 3_036_000 }, /it is SQLite 3\.36\.0, and 3\.\d+\.0 is/],
    [{ threadsafe: 0 }, /made for programs of one thread/],
    [{
      version() {
        throw new Error(
          "Could not open library: Could not open library: no such file",
        );
      },
    }, /from "\/x\.so": no such file$/],
    [{
      version() {
        throw new Error(
          "Failed to register symbol sqlite3_threadsafe: Could not obtain " +
            "symbol from the library: undefined symbol: sqlite3_threadsafe",
        );
      },
    }, /it has no function sqlite3_threadsafe, it is not SQLite/],
  ];
  for (const [machine, reason] of cases) {
    const { error } = await tried(machine, { name: "ffi", library: "/x.so" });
    // That of the system is as it is; one that was named is a wrong setting.
    assert.equal(error.code, "INVALID_ARGUMENT");
    const { error: own } = await tried(machine, { name: "ffi" });
    assert.equal(own.code, "FAILED_PRECONDITION");
    assert.match(error.message, reason);
    assert.match(error.hints[0] ?? "", /backend\.local\.library.*"node"/);
  }
});

Deno.test("chooseDriver() refuses what no driver means", async () => {
  const host = fakeHost();
  await assert.rejects(
    chooseDriver(host, { library: "/x.so" }),
    /only the driver "ffi" takes one/,
  );
  await assert.rejects(
    chooseDriver(host, { name: "node", library: "/x.so" }),
    /only the driver "ffi" takes one/,
  );
  const name = "bun" as "node";
  await assert.rejects(chooseDriver(host, { name }), /one of node, ffi/);
  assert.equal((await chooseDriver(host, { name: "node" })).name, "node");
});

Deno.test({
  name: "the library of this system is loaded, and once",
  ignore: "missing" in FFI,
  async fn() {
    if ("missing" in FFI) return;
    const again = await chooseDriver(systemHost(), {
      name: "ffi",
      library: FFI.library ?? "",
    });
    assert.equal(again.library, FFI.library);
    using database = again.open(":memory:");
    assert.equal(database.driver, again);
  },
});

Deno.test({
  name: "memory is read by another library where that is the way",
  ignore: Deno.build.os !== "linux" || "missing" in FFI,
  // A library stays for as long as its process.
  sanitizeResources: false,
  async fn() {
    if ("missing" in FFI) return;
    const real = systemHost();
    const loaded: string[] = [];
    const host: Host = {
      ...real,
      platform: { ...real.platform, os: "windows" },
      libraries: {
        ...real.libraries,
        open(path, functions) {
          loaded.push(path);
          const isMemory = path.endsWith("ntdll.dll");
          return real.libraries.open(
            isMemory ? "libc.so.6" : path,
            functions,
          );
        },
      },
    };
    // The same file by another path, or the one that is loaded would be taken.
    const library = (FFI.library ?? "").replace(/([^/]+)$/, "./$1");
    const driver = await chooseDriver(host, { name: "ffi", library });
    using database = driver.open(":memory:");
    const text = database.prepare("SELECT 'é☃' AS text").get()?.text;
    assert.equal(text, "é☃");
    assert.match(loaded.at(-1) ?? "", /System32\\ntdll\.dll$/);
  },
});
