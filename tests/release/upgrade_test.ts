import { deepStrictEqual, match, ok, rejects } from "node:assert/strict";
import { fakePermissions } from "../../src/host/fake_permissions.ts";
import { StigmerError } from "../../src/model/error.ts";
import { assetFor } from "../../src/release/asset.ts";
import { checkRelease } from "../../src/release/check.ts";
import type { UpgradeOptions } from "../../src/release/upgrade.ts";
import { until } from "../until.ts";
import { tarGz, zip } from "./archives.ts";
import {
  newRelease,
  newSigner,
  programText,
  seal,
  serveHalf,
  utf8,
} from "./releases.ts";
import {
  INSTALLED,
  installedHost,
  newScene,
  RELEASED,
  type UpgradeScene,
} from "./upgrade_scene.ts";

const { os, arch } = Deno.build;
const ASSET = assetFor({ os: os === "darwin" ? "darwin" : "linux", arch }).name;
/** What is installed is a script of sh. */
const ignore = os === "windows";

function filesOf(scene: UpgradeScene): Map<string, Uint8Array<ArrayBuffer>> {
  const files = scene.server.releases.get(RELEASED);
  if (files === undefined) throw new Error("No release");
  return files;
}

Deno.test({
  name: "upgrade() puts the latest release in the place of the program",
  ignore,
  async fn() {
    await using scene = await newScene();
    await Deno.chmod(scene.path, 0o750);
    const steps: string[] = [];
    const upgraded = await scene.upgrade({
      onStep: (it) => steps.push(it.kind),
    });
    deepStrictEqual(upgraded, {
      outcome: "replaced",
      from: INSTALLED,
      to: RELEASED,
      path: scene.path,
      asset: ASSET,
    });
    deepStrictEqual(await scene.text(), programText(RELEASED));
    deepStrictEqual(await scene.names(), ["stigmer"]);
    deepStrictEqual(((await Deno.stat(scene.path)).mode ?? 0) & 0o777, 0o750);
    deepStrictEqual([...new Set(steps)], [
      "found",
      "downloading",
      "downloaded",
      "verified",
      "unpacked",
      "tried",
      "replaced",
    ]);
    const { stdout } = await new Deno.Command(scene.path).output();
    deepStrictEqual(new TextDecoder().decode(stdout), `${RELEASED}\n`);
  },
});

Deno.test({
  name: "upgrade() through a link replaces the program that it leads to",
  ignore,
  async fn() {
    await using scene = await newScene("stigmer-real");
    const link = `${scene.folder}/stigmer`;
    await Deno.symlink(scene.path, link);
    await scene.upgrade({ host: installedHost(link) });
    ok((await Deno.lstat(link)).isSymlink);
    deepStrictEqual(await scene.text(), programText(RELEASED));
  },
});

Deno.test({
  name: "upgrade() takes all but the latest from under its version",
  ignore,
  async fn() {
    await using scene = await newScene();
    await scene.upgrade();
    deepStrictEqual(
      scene.server.asked.filter((it) => it.includes("/latest/")),
      ["/releases/latest/download/release.json"],
    );
  },
});

/** What a server may do, and what it is refused with. */
const REFUSED: readonly {
  readonly name: string;
  readonly arrange: (scene: UpgradeScene) => unknown;
  readonly says: RegExp;
  readonly options?: Partial<UpgradeOptions>;
}[] = [
  {
    name: "an archive with another checksum",
    arrange: async (scene) =>
      filesOf(scene).set(
        ASSET,
        await tarGz([{ name: "stigmer", content: programText(RELEASED, "#") }]),
      ),
    says: /its checksum is [0-9a-f]{64}, not [0-9a-f]{64}/,
  },
  {
    name: "an archive that is missing",
    arrange: (scene) => filesOf(scene).delete(ASSET),
    says: /There is no "http:.*"/,
  },
  {
    name: "a release without this machine",
    arrange: async (scene) =>
      scene.server.releases.set(
        RELEASED,
        await newRelease(scene.signer, RELEASED, { without: [ASSET] }),
      ),
    says: /SHA256SUMS does not name it/,
  },
  {
    name: "a signature of another key",
    arrange: async (scene) => seal(await newSigner(), filesOf(scene)),
    says: /its signature is wrong, no key of this build made it/,
  },
  {
    name: "a signature that is none",
    arrange: (scene) => filesOf(scene).set("SHA256SUMS.sig", utf8("good\n")),
    says: /it is no signature/,
  },
  {
    name: "no signature",
    arrange: (scene) => filesOf(scene).delete("SHA256SUMS.sig"),
    says: /There is no "http:.*SHA256SUMS\.sig"/,
  },
  {
    name: "a list that was changed after it was signed",
    arrange(scene) {
      const sums = filesOf(scene).get("SHA256SUMS") ?? utf8("");
      const text = new TextDecoder().decode(sums).replaceAll("a", "b");
      filesOf(scene).set("SHA256SUMS", utf8(text));
    },
    says: /its signature is wrong/,
  },
  {
    name: "an older release as the latest, with its genuine signature",
    arrange: async (scene) =>
      scene.server.releases.set(
        "0.1.0",
        await newRelease(scene.signer, "0.1.0"),
      ),
    says: /Cannot go back to 0\.1\.0: this is 0\.2\.0/,
  },
  {
    name: "an older release under the name of a newer one",
    arrange: async (scene) =>
      scene.server.releases.set(
        RELEASED,
        await newRelease(scene.signer, "0.1.0"),
      ),
    says: /There is no "http:.*v0\.1\.0/,
  },
  {
    name: "a release that says it is a newer one without being signed for it",
    async arrange(scene) {
      const old = await newRelease(scene.signer, "0.1.0");
      old.set("release.json", utf8('{"version":"0.3.0"}'));
      scene.server.releases.set(RELEASED, old);
    },
    says: /Cannot trust "release\.json"/,
  },
  {
    name: "another release than the one asked for",
    arrange: async (scene) =>
      scene.server.releases.set(
        "0.4.0",
        await newRelease(scene.signer, "0.3.0"),
      ),
    options: { version: "0.4.0" },
    says: /0\.4\.0 was asked for, and it is 0\.3\.0/,
  },
  {
    name: "an older one that is asked for without saying so",
    arrange: async (scene) =>
      scene.server.releases.set(
        "0.1.0",
        await newRelease(scene.signer, "0.1.0"),
      ),
    options: { version: "0.1.0" },
    says: /Cannot go back to 0\.1\.0/,
  },
  {
    name: "a program that says another version",
    arrange: async (scene) =>
      scene.server.releases.set(
        RELEASED,
        await newRelease(scene.signer, RELEASED, { says: "0.1.0" }),
      ),
    says: /does not run on this machine: it is not version 0\.3\.0/,
  },
  {
    name: "a program that fails",
    arrange: async (scene) =>
      scene.server.releases.set(
        RELEASED,
        await newRelease(scene.signer, RELEASED, { first: "exit 3" }),
      ),
    says: /does not run on this machine: it ended with 3/,
  },
  {
    name: "a program of another machine",
    arrange: async (scene) =>
      scene.server.releases.set(
        RELEASED,
        await newRelease(scene.signer, RELEASED, {
          files: {
            [ASSET]: await tarGz([{ name: "stigmer", content: "\x7fELF no" }]),
          },
        }),
      ),
    says: /does not run on this machine/,
  },
  {
    name: "an archive that leads elsewhere",
    arrange: async (scene) =>
      scene.server.releases.set(
        RELEASED,
        await newRelease(scene.signer, RELEASED, {
          files: {
            [ASSET]: await tarGz([
              { name: "../stigmer", content: programText(RELEASED) },
            ]),
          },
        }),
      ),
    says: /is no plain file at its top/,
  },
  {
    name: "a place that leads to one that is not https",
    arrange: (scene) =>
      scene.server.instead.set("release.json", () =>
        new Response(null, {
          status: 302,
          headers: { location: "http://example.com/release.json" },
        })),
    says: /leads to an address that is not https/,
  },
  {
    name: "a place that leads on and on",
    arrange: (scene) =>
      scene.server.instead.set("release.json", () =>
        new Response(null, {
          status: 302,
          headers: { location: `${scene.server.url}/release.json` },
        })),
    says: /leads on more than 5 times/,
  },
  {
    name: "a list without an end",
    arrange: (scene) =>
      scene.server.instead.set(
        "SHA256SUMS",
        () =>
          new Response(
            new ReadableStream({
              pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
            }),
          ),
      ),
    says: /it is larger than 65536 bytes/,
  },
  {
    name: "a server that fails",
    arrange: (scene) =>
      scene.server.instead.set(ASSET, () => new Response("", { status: 503 })),
    says: /the server answered 503/,
  },
];

for (const { name, arrange, says, options } of REFUSED) {
  Deno.test({
    name: `upgrade() refuses ${name}, and leaves what was there`,
    ignore,
    async fn() {
      await using scene = await newScene();
      await arrange(scene);
      await rejects(scene.upgrade(options), (error) => {
        ok(error instanceof StigmerError);
        match(error.message, says);
        return true;
      });
      ok(await scene.isUntouched());
    },
  });
}

Deno.test({
  name: "upgrade() refuses an archive that is cut, and leaves what was there",
  ignore,
  async fn() {
    await using scene = await newScene();
    await using half = serveHalf(filesOf(scene).get(ASSET) ?? utf8(""));
    scene.server.instead.set(ASSET, half.redirect);
    await rejects(scene.upgrade(), /Cannot take "http:.*"/);
    ok(await scene.isUntouched());
  },
});

Deno.test({
  name: "upgrade() goes back when it is told to",
  ignore,
  async fn() {
    await using scene = await newScene();
    scene.server.releases.set("0.1.0", await newRelease(scene.signer, "0.1.0"));
    await scene.upgrade({ version: "0.1.0", allowDowngrade: true });
    deepStrictEqual(await scene.text(), programText("0.1.0"));
  },
});

Deno.test({
  name: "upgrade() of what is the latest already changes nothing",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { outcome } = await scene.upgrade({ current: RELEASED });
    deepStrictEqual(outcome, "current");
    ok(await scene.isUntouched());
  },
});

Deno.test({
  name: "upgrade() of a dry run asks for no archive and writes nothing",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { outcome, to } = await scene.upgrade({ dryRun: true });
    deepStrictEqual([outcome, to], ["planned", RELEASED]);
    ok(await scene.isUntouched());
    ok(scene.server.asked.every((it) => !it.includes(ASSET)));
  },
});

/** Who keeps a program, by what may be seen of it. */
const NOT_OURS: readonly (readonly [
  name: string,
  path: string,
  says: RegExp,
])[] = [
  ["Homebrew", "Cellar/stigmer/0.2.0/bin/stigmer", /brew upgrade stigmer/],
  ["npm", "node_modules/@stigmer/cli-linux/stigmer", /npm i -g @stigmer\/cli/],
  ["npx", "_npx/1/node_modules/@stigmer/cli/stigmer", /npx @stigmer\/cli/],
];

for (const [name, below, says] of NOT_OURS) {
  Deno.test({
    name: `upgrade() leaves to ${name} what it installed, and asks nobody`,
    ignore,
    async fn() {
      await using scene = await newScene();
      const path = `${scene.folder}/${below}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), {
        recursive: true,
      });
      await Deno.copyFile(scene.path, path);
      await rejects(scene.upgrade({ host: installedHost(path) }), (error) => {
        ok(error instanceof StigmerError);
        match(error.hints.join(), says);
        return true;
      });
      deepStrictEqual(scene.server.asked, []);
    },
  });
}

Deno.test("upgrade() from source says how sources are brought up to date", async () => {
  await using scene = await newScene();
  const host = installedHost(scene.path, { standalone: false });
  await rejects(scene.upgrade({ host }), /is run from source here/);
  deepStrictEqual(scene.server.asked, []);
});

Deno.test("upgrade() of what may start nothing refuses before it asks", async () => {
  await using scene = await newScene();
  const host = installedHost(scene.path);
  const permissions = fakePermissions({ run: [] });
  await rejects(
    scene.upgrade({ host: { ...host, permissions } }),
    /this variant may start no program/,
  );
  deepStrictEqual(scene.server.asked, []);
});

Deno.test("checkRelease() of what may call few hosts says so, and how its variant is installed", async () => {
  await using scene = await newScene();
  const host = installedHost(scene.path);
  const permissions = fakePermissions({ run: [] });
  const checked = checkRelease({
    host: { ...host, permissions },
    signal: new AbortController().signal,
    base: scene.server.url,
    keys: [scene.signer.key],
    current: INSTALLED,
  });
  await rejects(checked, (error) => {
    ok(error instanceof StigmerError);
    deepStrictEqual(error.code, "FAILED_PRECONDITION");
    match(
      error.message,
      /^Cannot look for a newer release: this variant may call no host/,
    );
    match(error.hints.join(), /install script again.*variant stigmer-ci/);
    return true;
  });
  deepStrictEqual(scene.server.asked, []);
});

Deno.test("upgrade() of a program that was moved away says so", async () => {
  await using scene = await newScene();
  const host = installedHost(`${scene.folder}/gone`);
  await rejects(scene.upgrade({ host }), /it was moved or replaced/);
});

Deno.test("upgrade() where nothing may be written says who could", async () => {
  await using scene = await newScene();
  const host = installedHost(scene.path, { os: "linux", arch: "x86_64" });
  const files = {
    ...host.files,
    createNew(): never {
      throw new Deno.errors.PermissionDenied("no");
    },
  };
  await rejects(scene.upgrade({ host: { ...host, files } }), (error) => {
    ok(error instanceof StigmerError);
    deepStrictEqual(error.code, "PERMISSION_DENIED");
    match(error.hints.join(), /sudo stigmer upgrade.*package manager/);
    return true;
  });
  ok(await scene.isUntouched());
});

Deno.test("upgrade() without keys believes nobody and asks nobody", async () => {
  await using scene = await newScene();
  await rejects(scene.upgrade({ keys: [] }), /this build has no release key/);
  deepStrictEqual(scene.server.asked, []);
});

Deno.test({
  name: "upgrade() where another one is at work refuses",
  ignore,
  async fn() {
    await using scene = await newScene();
    const host = installedHost(scene.path);
    let second: Promise<void> | undefined;
    const files: typeof host.files = {
      ...host.files,
      // The first goes on once the second was refused.
      async writeChunks(...args) {
        await second;
        return await host.files.writeChunks(...args);
      },
    };
    await scene.upgrade({
      host: { ...host, files },
      onStep(step) {
        if (step.kind !== "verified") return;
        second = rejects(scene.upgrade(), /another process is replacing it/);
      },
    });
    ok(second !== undefined);
    deepStrictEqual(await scene.text(), programText(RELEASED));
    deepStrictEqual(await scene.names(), ["stigmer"]);
  },
});

Deno.test({
  name: "upgrade() that is left leaves what was there, at each step",
  ignore,
  async fn() {
    for (
      const at of ["found", "downloading", "verified", "unpacked", "tried"]
    ) {
      await using scene = await newScene();
      const left = new AbortController();
      await rejects(
        scene.upgrade({
          signal: left.signal,
          onStep: ({ kind }) => {
            if (kind === at) left.abort(new Error("left"));
          },
        }),
        /left/,
        at,
      );
      ok(await scene.isUntouched(), at);
    }
  },
});

Deno.test({
  name: "upgrade() ends a new program that does not answer when it is left",
  ignore,
  async fn() {
    await using scene = await newScene();
    await using other = await newScene();
    const started = `${other.folder}/started`;
    const first = `: > '${started}'; exec sleep 300`;
    scene.server.releases.set(
      RELEASED,
      await newRelease(scene.signer, RELEASED, { first }),
    );
    const left = new AbortController();
    const upgraded = scene.upgrade({ signal: left.signal });
    const refused = rejects(upgraded, { name: "AbortError" });
    await until(async () => (await other.names()).includes("started"));
    left.abort();
    await refused;
    ok(await scene.isUntouched());
  },
});

Deno.test({
  name: "upgrade() on Windows moves the running program aside, and clears up",
  ignore,
  async fn() {
    await using scene = await newScene("stigmer.exe");
    const host = installedHost(scene.path, { os: "windows", arch: "x86_64" });
    const isOld = (path: string): boolean => path.endsWith(".old");
    // What runs cannot be removed there.
    const running = {
      ...host,
      files: {
        ...host.files,
        remove: (path: string) =>
          isOld(path)
            ? Promise.reject(new Error("in use"))
            : host.files.remove(path),
      },
    };
    const { asset } = await scene.upgrade({ host: running });
    deepStrictEqual(asset, "stigmer-windows-x64.zip");
    deepStrictEqual(await scene.text(), programText(RELEASED));
    const old = (await scene.names()).filter(isOld);
    deepStrictEqual(old.length, 1);
    match(old[0] ?? "", /^stigmer\.exe\.[0-9a-f]{12}\.old$/);
    scene.server.releases.set("0.4.0", await newRelease(scene.signer, "0.4.0"));
    await scene.upgrade({ host });
    deepStrictEqual(await scene.text(), programText("0.4.0"));
    deepStrictEqual(await scene.names(), ["stigmer.exe"]);
  },
});

Deno.test({
  name: "upgrade() removes nothing that it did not move aside itself",
  ignore,
  async fn() {
    for (const os of ["linux", "windows"] as const) {
      const name = os === "windows" ? "stigmer.exe" : "stigmer";
      await using scene = await newScene(name);
      const folder = `${name}.0123456789ab.old`;
      const files = [`${name}.0.old`, `${name}.2025.old`];
      // Nothing is moved aside where a program that runs may be replaced.
      if (os === "linux") files.push(`${name}.ba9876543210.old`);
      await Deno.mkdir(`${scene.folder}/${folder}`);
      for (const file of [...files, `${folder}/kept`]) {
        await Deno.writeTextFile(`${scene.folder}/${file}`, "mine");
      }
      const host = installedHost(scene.path, { os, arch: "x86_64" });
      await scene.upgrade({ host });
      deepStrictEqual(
        await scene.names(),
        [name, folder, ...files].toSorted(),
      );
      const kept = await Deno.readTextFile(`${scene.folder}/${folder}/kept`);
      deepStrictEqual(kept, "mine");
    }
  },
});

Deno.test({
  name: "upgrade() on Windows brings back what it could not replace",
  ignore,
  async fn() {
    await using scene = await newScene("stigmer.exe");
    const host = installedHost(scene.path, { os: "windows", arch: "x86_64" });
    const files = {
      ...host.files,
      rename: (from: string, to: string) =>
        from.includes(".upgrade/") && to === scene.path
          ? Promise.reject(new Error("a scanner holds it"))
          : host.files.rename(from, to),
    };
    await rejects(
      scene.upgrade({ host: { ...host, files } }),
      /a scanner holds it/,
    );
    ok(await scene.isUntouched());
  },
});

Deno.test({
  name: "upgrade() on Windows refuses an odd archive",
  ignore,
  async fn() {
    const content = programText(RELEASED);
    for (
      const [files, says] of [
        [[{ name: "../stigmer.exe", content }], /\.zip|no plain file/],
        [[{ name: "other.exe", content }], /no "stigmer\.exe"/],
        [[], /no "stigmer\.exe"/],
      ] as const
    ) {
      await using scene = await newScene("stigmer.exe");
      const host = installedHost(scene.path, { os: "windows", arch: "x86_64" });
      scene.server.releases.set(
        RELEASED,
        await newRelease(scene.signer, RELEASED, {
          files: { "stigmer-windows-x64.zip": zip(files) },
        }),
      );
      await rejects(scene.upgrade({ host }), says);
      ok(await scene.isUntouched());
    }
  },
});
