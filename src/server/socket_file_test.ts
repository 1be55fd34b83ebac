import {
  deepStrictEqual,
  match,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { systemHost } from "../host/system.ts";
import { prepareSocketFile } from "./socket_file.ts";

async function inFolder(
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Checks that a path is refused. */
async function refused(path: string, code: string, words: RegExp) {
  await rejects(prepareSocketFile(systemHost(), path), (error: Error) => {
    match(error.message, words);
    strictEqual("code" in error && error.code, code);
    return true;
  });
}

Deno.test("prepareSocketFile() makes a folder that is nobody else's", async () => {
  await inFolder(async (folder) => {
    await prepareSocketFile(systemHost(), `${folder}/run/api.sock`);
    const { mode } = await Deno.stat(`${folder}/run`);
    strictEqual((mode ?? 0) & 0o777, 0o700);
  });
});

Deno.test("prepareSocketFile() refuses a folder that others reach", async () => {
  await inFolder(async (folder) => {
    for (const mode of [0o710, 0o755, 0o701]) {
      await Deno.chmod(folder, mode);
      await refused(
        `${folder}/api.sock`,
        "FAILED_PRECONDITION",
        /others can reach its folder/,
      );
    }
  });
});

Deno.test("prepareSocketFile() refuses a folder of another user, who could open it any time", async () => {
  await inFolder(async (folder) => {
    const host = systemHost();
    const path = `${folder}/api.sock`;
    const other = {
      ...host,
      platform: { ...host.platform, userId: () => 4_000_000 },
    };
    await rejects(prepareSocketFile(other, path), /belongs to another user/);
    await prepareSocketFile(host, path);
  });
});

Deno.test("prepareSocketFile() removes what a dead server left, and nothing else", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/api.sock`;
    await Deno.writeTextFile(path, "mine");
    await refused(path, "FAILED_PRECONDITION", /there is a file/);
    strictEqual(await Deno.readTextFile(path), "mine");
    await Deno.remove(path);

    const listener = Deno.listen({ transport: "unix", path });
    await refused(path, "FAILED_PRECONDITION", /another server listens/);
    // A dead server is one that closed its end and left the name.
    await Deno.rename(path, `${path}.kept`);
    listener.close();
    await Deno.rename(`${path}.kept`, path);
    await prepareSocketFile(systemHost(), path);
    await rejects(Deno.stat(path), Deno.errors.NotFound);
  });
});

Deno.test("prepareSocketFile() refuses a path that no system takes", async () => {
  await refused(
    `/${"x".repeat(104)}`,
    "INVALID_ARGUMENT",
    /at most 103 bytes/,
  );
});

Deno.test("prepareSocketFile() leaves the socket of a server that has too many callers", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/api.sock`;
    using _listener = Deno.listen({ transport: "unix", path });
    const host = systemHost();
    const busy = {
      ...host,
      network: {
        ...host.network,
        openHttpClient: () => ({
          fetch: () => Promise.reject(new Error("unused")),
          reach: () => Promise.reject(new Deno.errors.WouldBlock("EAGAIN")),
          close() {},
        }),
      },
    };
    await rejects(prepareSocketFile(busy, path), /another server listens/);
    strictEqual((await Deno.stat(path)).isSocket, true);
  });
});

Deno.test("prepareSocketFile() refuses on Windows, with the way out", async () => {
  const host = fakeHost({ os: "windows" });
  await rejects(prepareSocketFile(host, "/run/api.sock"), {
    code: "INVALID_ARGUMENT",
    message: 'Cannot listen on "unix:/run/api.sock" on Windows',
    hints: ["Listen on an address of this machine: --listen 127.0.0.1:7234"],
  });
  deepStrictEqual(await host.files.list("C:\\"), []);
});
