import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { fakeHost, type FakeHostOptions } from "../host/fake.ts";
import { GLOBAL_OPTIONS } from "./globals.ts";
import { globalValues, splitOptions } from "./parse.ts";
import { resolveSettings, type Settings } from "./settings.ts";
import { isColored } from "./style.ts";

function settle(line: string, options: FakeHostOptions): Promise<Settings> {
  const words = line === "" ? [] : line.split(" ");
  const { options: flags } = splitOptions(words, GLOBAL_OPTIONS);
  const { HOME = "/home/user", ...others } = options.env ?? {};
  const env = HOME === "" ? others : { HOME, ...others };
  return resolveSettings(
    fakeHost({ ...options, env }),
    globalValues(flags),
  );
}

const CONFIG = {
  "/home/user/.stigmer/config.yaml": "output: wide\nmodel: a/b\n",
};

Deno.test("resolveSettings() takes flag before environment before file", async () => {
  const cases: readonly (readonly [string, Record<string, string>, string])[] =
    [
      ["", {}, "wide config"],
      ["", { STIGMER_OUTPUT: "yaml" }, "yaml environment"],
      ["-o json", { STIGMER_OUTPUT: "yaml" }, "json flag"],
    ];
  for (const [line, env, expected] of cases) {
    const settings = await settle(line, { env, files: CONFIG });
    const origin = settings.byKey.get("output")?.origin;
    strictEqual(`${settings.output} ${origin}`, expected);
  }
});

Deno.test("resolveSettings() finds home and configuration", async () => {
  const check = async (
    line: string,
    options: FakeHostOptions,
    expected: readonly (string | undefined)[],
  ): Promise<void> => {
    const { home, configPath, databasePath } = await settle(line, options);
    deepStrictEqual([home, configPath, databasePath], expected);
  };
  await check("", {}, [
    "/home/user/.stigmer",
    "/home/user/.stigmer/config.yaml",
    undefined,
  ]);
  await check("--home ./h", { env: { STIGMER_HOME: "/e" } }, [
    "/home/user/h",
    "/home/user/h/config.yaml",
    undefined,
  ]);
  await check("", { env: { STIGMER_HOME: "/e" } }, [
    "/e",
    "/e/config.yaml",
    undefined,
  ]);
  await check("--config c.yaml", {
    files: {
      "/home/user/c.yaml":
        "home: ~/h\nbackend:\n  local:\n    db_path: ~/x.db\n",
    },
  }, ["/home/user/h", "/home/user/c.yaml", "/home/user/x.db"]);
});

Deno.test("resolveSettings() finds the SQLite of the local backend", async () => {
  const config = (text: string): Record<string, string> => ({
    "/home/user/.stigmer/config.yaml": `backend:\n  local:\n${text}`,
  });
  const cases: readonly (readonly [FakeHostOptions, object])[] = [
    [{}, {}],
    [{ files: config("    driver: node\n") }, { driver: "node" }],
    [{ files: config("    driver: ffi\n") }, { driver: "ffi" }],
    [
      { files: config("    driver: ffi\n    library: ~/libs/x.so\n") },
      { driver: "ffi", library: "/home/user/libs/x.so" },
    ],
    [
      { files: config("    driver: ffi\n    library: libsqlite3.so.0\n") },
      { driver: "ffi", library: "libsqlite3.so.0" },
    ],
    // A library waits for the driver that takes it.
    [{ files: config("    library: /x.so\n") }, {}],
    [
      {
        files: config("    driver: ffi\n    library: /x.so\n"),
        env: { STIGMER_SQLITE_DRIVER: "node" },
      },
      { driver: "node" },
    ],
    [
      {
        env: { STIGMER_SQLITE_DRIVER: "ffi", STIGMER_SQLITE_LIBRARY: "./y.so" },
      },
      { driver: "ffi", library: "/home/user/y.so" },
    ],
  ];
  for (const [options, expected] of cases) {
    deepStrictEqual((await settle("", options)).sqlite, expected);
  }
  await rejects(
    settle("", { env: { STIGMER_SQLITE_DRIVER: "bun" } }),
    /Variable "STIGMER_SQLITE_DRIVER" cannot be "bun", choose one of node, ffi/,
  );
});

Deno.test("resolveSettings() refuses what breaks its rule", async () => {
  await rejects(
    settle("", { env: { STIGMER_OUTPUT: "jsn" } }),
    /Variable "STIGMER_OUTPUT" cannot be "jsn"/,
  );
  await rejects(settle("--timeout soon", {}), /"--timeout" cannot be "soon"/);
  await rejects(settle("--config none.yaml", {}), /no such file/);
  await rejects(
    settle("", { env: { HOME: "" } }),
    /neither STIGMER_HOME nor HOME is set/,
  );
});

Deno.test("resolveSettings() takes the user's folder of the system, if it is one", async () => {
  const USERPROFILE = "C:\\Users\\Ada Ü";
  const on = async (
    os: "linux" | "windows",
    env: Readonly<Record<string, string>>,
    line = "",
  ): Promise<string> => {
    const words = line === "" ? [] : line.split(" ");
    const { options: flags } = splitOptions(words, GLOBAL_OPTIONS);
    const host = fakeHost({ os, env });
    return (await resolveSettings(host, globalValues(flags))).home;
  };
  const HOME = "/home/ada ü";
  strictEqual(await on("linux", { HOME, USERPROFILE }), `${HOME}/.stigmer`);
  strictEqual(
    await on("windows", { HOME, USERPROFILE }),
    `${USERPROFILE}\\.stigmer`,
  );
  strictEqual(await on("linux", { HOME }, "--home ~/x"), `${HOME}/x`);
  // Without a folder to stand for, a tilde is a name like any other.
  const relative = { HOME: "rel/ative" };
  strictEqual(await on("linux", relative, "--home ~/x"), "/home/user/~/x");
  await rejects(on("linux", { USERPROFILE }), /neither STIGMER_HOME nor HOME/);
  await rejects(on("windows", { HOME }), /nor USERPROFILE is set/);
  await rejects(on("linux", relative), /HOME is "rel\/ative", which is no abs/);
  await rejects(
    on("windows", { USERPROFILE: "Users" }),
    /USERPROFILE is "Users", which is no absolute path/,
  );
});

Deno.test("isColored() asks flag, NO_COLOR, CLICOLOR_FORCE, file, terminal", () => {
  const cases: readonly (readonly [
    "auto" | "always" | "never" | undefined,
    "auto" | "always" | "never" | undefined,
    boolean,
    Record<string, string>,
    boolean,
  ])[] = [
    [undefined, undefined, true, {}, true],
    [undefined, undefined, false, {}, false],
    [undefined, undefined, true, { TERM: "dumb" }, false],
    [undefined, undefined, true, { NO_COLOR: "1" }, false],
    [undefined, undefined, true, { NO_COLOR: "" }, true],
    [undefined, undefined, false, { CLICOLOR_FORCE: "1" }, true],
    [undefined, undefined, false, { CLICOLOR_FORCE: "0" }, false],
    [
      undefined,
      undefined,
      false,
      { NO_COLOR: "1", CLICOLOR_FORCE: "1" },
      false,
    ],
    [undefined, "always", false, {}, true],
    [undefined, "always", false, { NO_COLOR: "1" }, false],
    ["auto", "always", false, {}, false],
    ["always", "never", false, { NO_COLOR: "1" }, true],
    ["never", "always", true, { CLICOLOR_FORCE: "1" }, false],
  ];
  for (const [flag, configured, terminal, variables, expected] of cases) {
    const env = { get: (name: string) => variables[name] };
    strictEqual(
      isColored({ flag, configured, terminal, env }),
      expected,
      JSON.stringify([flag, configured, terminal, variables]),
    );
  }
});
