import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { systemHost } from "../../src/host/system.ts";
import { openStore } from "../../src/store/open.ts";
import { childOf, temporaryHome } from "./suite.ts";

const LINUX = Deno.build.os === "linux";

Deno.test("openStore() is safe when six processes start at once", async () => {
  for (let round = 0; round < 3; round++) {
    await using home = temporaryHome();
    const path = `${home.path}/new/stigmer.db`;
    const args = [path, "0", String(Date.now() + 400)];
    const said = await Promise.all(
      Array.from({ length: 6 }, () => output(childOf("open.ts", args))),
    );
    for (const line of said) assert.match(line, /^ok \d+\n$/);
    using store = openStore(path, { host: systemHost() });
    const rows = store.database.prepare("SELECT version FROM schema_version")
      .all();
    assert.equal(rows.length, store.schemaVersion);
  }
});

Deno.test("kill -9 in mid-write loses nothing that was said to be stored", async () => {
  await using home = temporaryHome();
  for (let round = 0; round < 5; round++) {
    const child = childOf("write.ts", [home.path, `round${round}`]).spawn();
    const said = await readAll(child.stdout, {
      atLength: 700 * (round + 1),
      call: () => child.kill("SIGKILL"),
    });
    await child.status;
    await child.stderr.cancel();
    const names = said.split("\n").slice(0, -1);
    assert.ok(names.length > 0);
    using store = openStore(`${home.path}/stigmer.db`, { host: systemHost() });
    const { database } = store;
    const [integrity] = database.prepare("PRAGMA integrity_check").all();
    assert.equal(integrity?.integrity_check, "ok");
    for (const name of names) {
      const row = database.prepare("SELECT 1 FROM environments WHERE slug = ?")
        .get(name);
      assert.ok(row, `${name} is stored`);
    }
    const torn = database.prepare(
      `SELECT count(*) AS n FROM environments WHERE NOT EXISTS (
         SELECT 1 FROM api_resource_versions AS v WHERE v.id = version_id)`,
    ).get();
    assert.equal(torn?.n, 0, "each has its version");
  }
});

Deno.test("openStore() names the permission that is missing", async () => {
  await using home = temporaryHome();
  const path = `${home.path}/stigmer.db`;
  const cases = [["--no-prompt"], ["--no-prompt", `--allow-read=${home.path}`]];
  for (const flags of cases) {
    const line = await output(childOf("open.ts", [path], { flags }));
    assert.match(line, /^PERMISSION_DENIED .*stigmer\.db.*--allow-write/);
  }
});

Deno.test("openStore() needs read and write on the home folder alone", async () => {
  await using home = temporaryHome();
  const flags = [
    "--no-prompt",
    `--allow-read=${home.path}`,
    `--allow-write=${home.path}`,
  ];
  const path = `${home.path}/stigmer.db`;
  assert.match(await output(childOf("open.ts", [path], { flags })), /^ok/);
});

Deno.test({
  name: "openStore() and writes say when the disk is full",
  ignore: !LINUX || !await canMount(),
  async fn() {
    await using home = temporaryHome();
    const path = `${home.path}/stigmer.db`;
    const tiny = await output(mounted(home.path, {
      size: "64k",
      run: ["open.ts", path],
    }));
    assert.match(tiny, /^RESOURCE_EXHAUSTED .*stigmer\.db.*full/);
    const full = await output(mounted(home.path, {
      size: "4m",
      run: ["open.ts", path, "8"],
    }));
    assert.match(full, /^RESOURCE_EXHAUSTED .*stigmer\.db.*full/);
  },
});

Deno.test({
  name: "openStore() says when its place is read-only",
  ignore: !LINUX || !await canMount(),
  async fn() {
    await using home = temporaryHome();
    openStore(`${home.path}/old.db`, { host: systemHost() }).close();
    for (const name of ["old.db", "new.db", "sub/new.db"]) {
      const line = await output(mounted(home.path, {
        readonly: true,
        run: ["open.ts", `${home.path}/${name}`],
      }));
      assert.match(line, /^FAILED_PRECONDITION .*read-only/, name);
    }
  },
});

Deno.test({
  name: "openStore() says when the folder may not be written",
  // Root may write everywhere.
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
  async fn() {
    await using home = temporaryHome();
    await Deno.chmod(home.path, 0o500);
    const line = await output(childOf("open.ts", [`${home.path}/x.db`]));
    await Deno.chmod(home.path, 0o700);
    assert.match(line, /^PERMISSION_DENIED .*denied/);
  },
});

/** A child in a mount of its own over a folder: a small disk, or a read-only one. */
function mounted(
  folder: string,
  options: {
    readonly size?: string;
    readonly readonly?: boolean;
    readonly run: readonly string[];
  },
): Deno.Command {
  const mount = options.readonly
    ? `mount --bind ${folder} ${folder} && mount -o remount,ro,bind ${folder}`
    : `mount -t tmpfs -o size=${options.size} tmpfs ${folder}`;
  const [script = "", ...args] = options.run;
  const file = fileURLToPath(new URL(`./children/${script}`, import.meta.url));
  const words = [Deno.execPath(), "run", "-A", "--no-check", file, ...args];
  return new Deno.Command("unshare", {
    args: ["-rm", "sh", "-c", `${mount} && exec "$@"`, "sh", ...words],
    stdout: "piped",
    stderr: "piped",
  });
}

/** Says whether this system lets tests mount; without, two of them are left out. */
async function canMount(): Promise<boolean> {
  if (!LINUX) return false;
  try {
    const { success } = await new Deno.Command("unshare", {
      args: ["-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt"],
      stdout: "null",
      stderr: "null",
    }).output();
    if (!success) console.error("Tests that need a mount are left out");
    return success;
  } catch {
    return false;
  }
}

async function output(command: Deno.Command): Promise<string> {
  const { stdout, stderr } = await command.output();
  const text = new TextDecoder().decode(stdout);
  return text === "" ? new TextDecoder().decode(stderr) : text;
}

/** Reads a stream to its end, and calls once after that many characters. */
async function readAll(
  stream: ReadableStream<Uint8Array>,
  { atLength, call }: { readonly atLength: number; readonly call: () => void },
): Promise<string> {
  let text = "";
  let called = false;
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (!called && text.length >= atLength) {
      called = true;
      call();
    }
  }
  return text;
}
