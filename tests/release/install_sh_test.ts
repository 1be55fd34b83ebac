import {
  deepStrictEqual,
  match,
  notDeepStrictEqual,
  ok,
} from "node:assert/strict";
import { RELEASE_KEYS } from "../../src/release/keys.ts";
import { until } from "../until.ts";
import { tarGz } from "./archives.ts";
import {
  assertUntouched,
  ASSET,
  CAN_VERIFY,
  ignore,
  newScene,
  RELEASED,
  type Scene,
  STRICT_WAYS,
  WAYS,
} from "./install_scene.ts";
import {
  find,
  INSTALL_SH,
  type InstallOptions,
  newInstallScene,
  OLD_PROGRAM,
} from "./installer.ts";
import {
  newRelease,
  newSigner,
  programText,
  seal,
  serveHalf,
  utf8,
} from "./releases.ts";

/** One by which one can be led anywhere, and which looks at no signature. */
const BUSYBOX = find("busybox");
const BLIND_WAY: InstallOptions = {
  tools: ["sha256sum"],
  fakes: { wget: `exec "${BUSYBOX}" wget "$@"` },
};

Deno.test({
  name: "install.sh is tried with curl and wget, dash and bash",
  ignore,
  fn() {
    if (WAYS.length < 4) console.warn(`Only tried: ${JSON.stringify(WAYS)}`);
    ok(STRICT_WAYS.length > 0);
  },
});

for (const way of WAYS) {
  const name = `${way.shell} with ${way.tools.join(", ")}`;
  Deno.test({
    name: `install.sh installs what runs: ${name}`,
    ignore,
    async fn() {
      await using scene = await newScene();
      const { place } = scene;
      const { code, stdout, stderr } = await place.run([], way);
      deepStrictEqual([code, stdout], [
        0,
        `Installed stigmer ${RELEASED} at ${place.bin}/stigmer\n`,
      ], stderr);
      match(
        stderr,
        CAN_VERIFY && way.tools.includes("openssl")
          ? /Verified the signature of the release/
          : /The signature was not looked at/,
      );
      match(stderr, /export PATH=/);
      deepStrictEqual(await place.text(), programText(RELEASED));
      deepStrictEqual(await place.names(), ["stigmer"]);
      deepStrictEqual(await place.leftovers(), []);
      const { mode } = await Deno.stat(`${place.bin}/stigmer`);
      deepStrictEqual((mode ?? 0) & 0o777, 0o755);
      const { stdout: said } = await new Deno.Command(`${place.bin}/stigmer`)
        .output();
      deepStrictEqual(new TextDecoder().decode(said), `${RELEASED}\n`);
    },
  });
}

Deno.test({
  name:
    "install.sh with the wget of busybox refuses what no signature vouches for",
  ignore: ignore || BUSYBOX === undefined,
  async fn() {
    await using scene = await newScene();
    await scene.place.installOld();
    const { code, stdout, stderr } = await scene.place.run([], BLIND_WAY);
    deepStrictEqual([code, stdout], [1, ""], stderr);
    match(stderr, /wget may be led to a server that nobody vouches for/);
    match(stderr, /Install curl, or openssl 3/);
    await assertUntouched(scene);
  },
});

Deno.test({
  name:
    "install.sh with the wget of busybox and without keys says what it did not verify",
  ignore: ignore || BUSYBOX === undefined,
  async fn() {
    await using scene = await newScene();
    await using place = await newInstallScene(scene.server, undefined);
    const { code, stderr } = await place.run([], BLIND_WAY);
    deepStrictEqual(code, 0, stderr);
    match(stderr, /was not looked at: this script has no release key/);
    match(stderr, /Nothing says who made it: this wget may be led to/);
  },
});

/** What may be wrong, and what is said of it. */
const REFUSED: readonly {
  readonly name: string;
  readonly arrange: (scene: Scene) => unknown;
  readonly says: RegExp;
  /** Whether only who looks at signatures can see it. */
  readonly signature?: boolean;
}[] = [
  {
    name: "a wrong checksum",
    arrange: async ({ files }) =>
      files.set(
        ASSET,
        await tarGz([{ name: "stigmer", content: programText(RELEASED, "#") }]),
      ),
    says: /Cannot trust "stigmer-.*": its checksum is [0-9a-f]{64}, not/,
  },
  {
    name: "a release without its archive",
    arrange: ({ files }) => files.delete(ASSET),
    says: /Cannot take "http.*"/,
  },
  {
    name: "a list that does not name the archive",
    async arrange({ server, signer, files }) {
      const other = await newRelease(signer, RELEASED, { without: [ASSET] });
      other.set(ASSET, files.get(ASSET) ?? utf8(""));
      server.releases.set(RELEASED, other);
    },
    says: /SHA256SUMS does not name it/,
  },
  {
    name: "a list with something else than a checksum",
    arrange: async ({ files, signer }) => {
      const sums = utf8(`${"zz".repeat(32)}  release.json\n`);
      files.set("SHA256SUMS", sums);
      files.set("SHA256SUMS.sig", utf8(await signer.sign(sums)));
    },
    says: /Cannot read SHA256SUMS/,
  },
  {
    name: "an older release under the name of this one",
    arrange: async ({ server, signer }) => {
      const old = await newRelease(signer, "0.1.0");
      old.set("release.json", utf8('{"version":"0.3.0"}\n'));
      server.releases.set(RELEASED, old);
    },
    says: /Cannot trust "release\.json"/,
  },
  {
    name: "a program that says another version",
    arrange: async ({ server, signer }) =>
      server.releases.set(
        RELEASED,
        await newRelease(signer, RELEASED, { says: "0.1.0" }),
      ),
    says: /it is not version 0\.3\.0/,
  },
  {
    name: "a program that does not run here",
    arrange: async ({ server, signer }) =>
      server.releases.set(
        RELEASED,
        await newRelease(signer, RELEASED, { first: "exit 1" }),
      ),
    says: /The program does not run on this machine/,
  },
  {
    name: "an archive without the program",
    arrange: async ({ server, signer }) =>
      server.releases.set(
        RELEASED,
        await newRelease(signer, RELEASED, {
          files: { [ASSET]: await tarGz([{ name: "other", content: "" }]) },
        }),
      ),
    says: /Cannot unpack/,
  },
  {
    name: "an archive whose program is a link",
    arrange: async ({ server, signer }) =>
      server.releases.set(
        RELEASED,
        await newRelease(signer, RELEASED, {
          files: {
            [ASSET]: await tarGz([{ name: "stigmer", content: "", kind: "2" }]),
          },
        }),
      ),
    says: /There is no stigmer in|Cannot unpack/,
  },
  {
    name: "a signature of another key",
    arrange: async ({ files }) => seal(await newSigner(), files),
    says: /its signature is wrong/,
    signature: true,
  },
  {
    name: "a signature that is none",
    arrange: ({ files }) => files.set("SHA256SUMS.sig", utf8("?")),
    says: /its signature is wrong/,
    signature: true,
  },
  {
    name: "no signature",
    arrange: ({ files }) => files.delete("SHA256SUMS.sig"),
    says: /Cannot take "http.*SHA256SUMS\.sig"/,
    signature: true,
  },
  {
    name: "no release at all",
    arrange: ({ server }) => server.releases.clear(),
    says: /Cannot take "http.*"/,
  },
];

for (const { name, arrange, says, signature } of REFUSED) {
  Deno.test({
    name: `install.sh refuses ${name}, and leaves what was there`,
    ignore: ignore || (signature === true && !CAN_VERIFY),
    async fn() {
      await using scene = await newScene();
      await arrange(scene);
      await scene.place.installOld();
      for (const way of STRICT_WAYS) {
        const { code, stdout, stderr } = await scene.place.run([], way);
        deepStrictEqual([code, stdout], [1, ""], stderr);
        match(stderr, says, `${way.shell} ${way.tools}`);
        await assertUntouched(scene);
      }
    },
  });
}

Deno.test({
  name: "install.sh refuses a download that is cut, and leaves what was there",
  ignore,
  async fn() {
    await using scene = await newScene();
    await using half = serveHalf(scene.files.get(ASSET) ?? utf8(""));
    scene.server.instead.set(ASSET, half.redirect);
    await scene.place.installOld();
    for (const way of WAYS) {
      const { code, stderr } = await scene.place.run([], way);
      deepStrictEqual(code, 1);
      match(stderr, /Cannot take "http.*"/, `${way.shell} ${way.tools}`);
      await assertUntouched(scene);
    }
  },
});

Deno.test({
  name: "install.sh leaves a folder that nobody may write, and asks nobody",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { place, server } = scene;
    await place.installOld();
    await Deno.chmod(place.bin, 0o555);
    const { code, stderr } = await place.run([], { asNobody: true });
    deepStrictEqual(code, 1);
    match(stderr, /Cannot install into ".*": nothing may be written there/);
    deepStrictEqual(server.asked, []);
    await assertUntouched(scene);
    // It has to be removed, too.
    await Deno.chmod(place.bin, 0o755);
  },
});

Deno.test({
  name: "install.sh makes the folder, only once all is well",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { place, files } = scene;
    const archive = files.get(ASSET) ?? utf8("");
    files.delete(ASSET);
    deepStrictEqual((await place.run()).code, 1);
    deepStrictEqual(await place.names(), ["(no folder)"]);
    files.set(ASSET, archive);
    deepStrictEqual((await place.run()).code, 0);
    deepStrictEqual(await place.names(), ["stigmer"]);
  },
});

Deno.test({
  name:
    "install.sh takes the release, the folder and the variant that it is told",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { place, server, signer } = scene;
    server.releases.set("0.4.0", await newRelease(signer, "0.4.0"));
    const { code, stderr } = await place.run([
      "--version=v0.3.0",
      "--dir",
      "other place",
      "--variant",
      "stigmer-ci",
    ], { env: { STIGMER_INSTALL_DIR: "" } });
    deepStrictEqual(code, 0, stderr);
    const path = `${place.folder}/other place/stigmer-ci`;
    deepStrictEqual(await Deno.readTextFile(path), programText(RELEASED));
    ok(server.asked.every((it) => !it.includes("/latest/")));
  },
});

Deno.test({
  name:
    "install.sh of a build without keys compares checksums alone, and says so",
  ignore,
  async fn() {
    await using scene = await newScene();
    await using place = await newInstallScene(scene.server, undefined);
    const strict = await place.run(["--require-signature"]);
    deepStrictEqual(strict.code, 1);
    match(strict.stderr, /Cannot look at the signature/);
    const { code, stderr } = await place.run();
    deepStrictEqual(code, 0);
    match(stderr, /was not looked at: this script has no release key/);
  },
});

/** What the machine or the command line may be, and what is said of it. */
const ODD: readonly {
  readonly name: string;
  readonly words?: readonly string[];
  readonly options: InstallOptions;
  readonly says: RegExp;
  /** Default 2, for what a person typed or set. */
  readonly code?: number;
}[] = [
  {
    name: "musl",
    options: {
      fakes: {
        uname: uname("Linux", "x86_64"),
        ldd: "echo 'musl libc (x86_64)' >&2; exit 1",
      },
    },
    says: /This system has musl/,
    code: 1,
  },
  {
    name: "32 bits",
    options: {
      fakes: { uname: uname("Linux", "aarch64"), getconf: "echo 32" },
    },
    says: /a system of 32 bits/,
    code: 1,
  },
  {
    name: "another processor",
    options: { fakes: { uname: uname("Linux", "riscv64") } },
    says: /There is no release for riscv64/,
    code: 1,
  },
  {
    name: "another system",
    options: { fakes: { uname: uname("FreeBSD", "amd64") } },
    says: /There is no release for FreeBSD/,
    code: 1,
  },
  {
    name: "a shell of Windows",
    options: { fakes: { uname: uname("MINGW64_NT-10.0", "x86_64") } },
    says: /Run install\.ps1/,
    code: 1,
  },
  {
    name: "nothing to download with",
    options: { tools: ["sha256sum"] },
    says: /Neither curl nor wget is here/,
    code: 1,
  },
  {
    name: "nothing to add up with",
    options: { tools: ["curl"] },
    says: /Nothing here can compute a SHA-256/,
    code: 1,
  },
  {
    name: "an address that is not https",
    options: { env: { STIGMER_RELEASES_URL: "http://example.com/releases" } },
    says: /it must be https/,
  },
  {
    name: "an address that only begins as one of this machine",
    options: { env: { STIGMER_RELEASES_URL: "http://localhost.example.com/" } },
    says: /it must be https/,
  },
  {
    name: "an address with another behind it",
    options: {
      env: { STIGMER_RELEASES_URL: "http://127.0.0.1:1@example.com/" },
    },
    says: /it is no plain address/,
  },
  {
    name: "no home",
    options: { env: { HOME: "", STIGMER_INSTALL_DIR: "" } },
    says: /There is no HOME/,
  },
  {
    name: "an unknown option",
    words: ["--forse"],
    options: {},
    says: /Unknown option "--forse"/,
  },
  {
    name: "a value that is missing",
    words: ["--dir"],
    options: {},
    says: /"--dir" needs a value/,
  },
  {
    name: "a version that is none",
    words: ["--version", "../1.2.3"],
    options: {},
    says: /is no version/,
  },
  {
    name: "an unknown variant",
    words: ["--variant", "x"],
    options: {},
    says: /There is no variant "x"/,
  },
];

/** What says which machine it is. */
function uname(system: string, machine: string): string {
  return `[ "$1" = -m ] && echo ${machine} || echo ${system}`;
}

for (const { name, words, options, says, code = 2 } of ODD) {
  Deno.test({
    name: `install.sh refuses ${name}, and asks nobody`,
    ignore,
    async fn() {
      await using scene = await newScene();
      await scene.place.installOld();
      const ran = await scene.place.run(words, options);
      deepStrictEqual(ran.code, code);
      match(ran.stderr, says);
      deepStrictEqual(scene.server.asked, []);
      await assertUntouched(scene);
    },
  });
}

Deno.test({
  name: "install.sh under Rosetta takes the program for the processor itself",
  ignore,
  async fn() {
    await using scene = await newScene();
    const fakes = {
      uname: uname("Darwin", "x86_64"),
      sysctl: '[ "$2" = sysctl.proc_translated ] && echo 1',
    };
    const { code, stderr } = await scene.place.run([], { fakes });
    deepStrictEqual(code, 0, stderr);
    ok(scene.server.asked.some((it) => it.includes("stigmer-macos-arm64")));
  },
});

Deno.test({
  name: "install.sh leaves a link to whoever made it",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { place } = scene;
    await place.installOld();
    await Deno.rename(`${place.bin}/stigmer`, `${place.bin}/cellar`);
    await Deno.symlink("cellar", `${place.bin}/stigmer`);
    const { code, stderr } = await place.run();
    deepStrictEqual(code, 1);
    match(stderr, /it is a link/);
    deepStrictEqual(await place.text("cellar"), OLD_PROGRAM);
  },
});

Deno.test({
  name:
    "install.sh says when another program comes first on PATH, and nothing where it is on it",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { place } = scene;
    await place.run();
    const { stderr } = await place.run([], {
      fakes: { stigmer: "echo other" },
      env: { PATH: `${place.folder}/tools-1:${place.bin}` },
    });
    match(stderr, /Another one comes first on PATH: .*tools-1\/stigmer/);
    const quiet = await place.run([], {
      env: { PATH: `${place.bin}:${place.folder}/tools-2` },
    });
    ok(!/PATH/.test(quiet.stderr), quiet.stderr);
  },
});

Deno.test({
  name: "install.sh that came incomplete runs nothing",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { size } = await Deno.stat(INSTALL_SH);
    const lengths = [
      ...Array.from({ length: 24 }, (_, i) => Math.floor(size * i / 24)),
      ...Array.from({ length: 15 }, (_, i) => size - 16 + i),
    ];
    for (const lengthBytes of lengths) {
      await scene.place.run([], { lengthBytes });
      deepStrictEqual(scene.server.asked, [], `${lengthBytes}`);
    }
    deepStrictEqual(await scene.place.names(), ["(no folder)"]);
  },
});

Deno.test({
  name: "install.sh that is interrupted leaves what was there",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { place, server } = scene;
    await place.installOld();
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    server.instead.set(ASSET, () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(utf8("a beginning")),
          cancel: () => leave(),
        }),
      ));
    const child = await place.start();
    const output = child.output();
    await until(() => server.asked.some((it) => it.endsWith(ASSET)));
    // A terminal sends it to all of them.
    Deno.kill(-child.pid, "SIGINT");
    notDeepStrictEqual((await output).code, 0);
    await left;
    await assertUntouched(scene);
  },
});

Deno.test("install.sh carries the keys of the program", async () => {
  const text = await Deno.readTextFile(INSTALL_SH);
  const [, keys = "-"] = /^RELEASE_KEYS="(.*)"$/m.exec(text) ?? [];
  deepStrictEqual(
    keys.split(" ").filter((it) => it !== ""),
    RELEASE_KEYS.map((it) => it.publicKey),
  );
});

Deno.test("install.sh shows what it takes", async () => {
  await using scene = await newScene();
  if (ignore) return;
  const { code, stdout } = await scene.place.run(["--help"]);
  deepStrictEqual(code, 0);
  for (
    const word of [
      "--version",
      "--dir",
      "--allow-downgrade",
      "STIGMER_RELEASES_URL",
    ]
  ) {
    ok(stdout.includes(word), word);
  }
});

Deno.test({
  name: "shellcheck finds nothing in install.sh",
  ignore,
  async fn() {
    const path = find("shellcheck");
    if (path === undefined) {
      console.warn("Skipped: there is no shellcheck here");
      return;
    }
    const { code, stdout } = await new Deno.Command(path, {
      args: ["-s", "sh", INSTALL_SH],
    }).output();
    deepStrictEqual(code, 0, new TextDecoder().decode(stdout));
  },
});
