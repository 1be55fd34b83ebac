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
  find,
  INSTALL_SH,
  type InstallOptions,
  type InstallScene,
  newInstallScene,
  OLD_PROGRAM,
} from "./installer.ts";
import {
  newRelease,
  newSigner,
  programText,
  type ReleaseFiles,
  type ReleaseServer,
  seal,
  serveHalf,
  serveReleases,
  type Signer,
  utf8,
} from "./releases.ts";

const RELEASED = "0.3.0";
const ignore = Deno.build.os === "windows";
const OS = Deno.build.os === "darwin" ? "macos" : "linux";
const ASSET = `stigmer-${OS}-${
  Deno.build.arch === "aarch64" ? "arm64" : "x64"
}.tar.gz`;

/** Shells and tools that the script must get by with, where they are here. */
const WAYS: readonly Required<Pick<InstallOptions, "shell" | "tools">>[] = [
  { shell: "dash", tools: ["curl", "sha256sum", "openssl"] },
  { shell: "bash", tools: ["curl", "shasum", "perl"] },
  { shell: "bash", tools: ["wget", "openssl"] },
  { shell: "dash", tools: ["wget", "sha256sum"] },
].filter(({ shell, tools }) =>
  [shell, ...tools].every((it) => find(it) !== undefined)
);

/** Whether the openssl of this machine knows Ed25519 as the script needs it. */
const CAN_VERIFY = await canVerify();
/** Those of them that look at signatures, by which what is wrong is tried. */
const STRICT_WAYS = CAN_VERIFY
  ? WAYS.filter(({ tools }) => tools.includes("openssl"))
  : WAYS.filter(({ tools }) => tools.includes("curl"));
/** Those by which one can be led anywhere, and which could not tell. */
const BLIND_WAYS = WAYS.filter(({ tools }) =>
  tools.includes("wget") && !(CAN_VERIFY && tools.includes("openssl"))
);
const SEEING_WAYS = WAYS.filter((it) => !BLIND_WAYS.includes(it));

async function canVerify(): Promise<boolean> {
  const path = find("openssl");
  if (path === undefined) return false;
  const { stdout, stderr } = await new Deno.Command(path, {
    args: ["pkeyutl", "-help"],
  }).output();
  const decoder = new TextDecoder();
  return `${decoder.decode(stdout)}${decoder.decode(stderr)}`
    .includes("-rawin");
}

interface Scene extends AsyncDisposable {
  readonly server: ReleaseServer;
  readonly signer: Signer;
  readonly files: ReleaseFiles;
  readonly place: InstallScene;
}

async function newScene(): Promise<Scene> {
  const server = serveReleases();
  const signer = await newSigner();
  const files = await newRelease(signer, RELEASED);
  server.releases.set(RELEASED, files);
  const place = await newInstallScene(server, signer);
  return {
    server,
    signer,
    files,
    place,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

async function assertUntouched({ place }: Scene): Promise<void> {
  deepStrictEqual(await place.text(), OLD_PROGRAM);
  deepStrictEqual(await place.names(), ["stigmer"]);
  deepStrictEqual(await place.leftovers(), []);
}

Deno.test({
  name: "install.sh is tried with curl and wget, dash and bash",
  ignore,
  fn() {
    if (WAYS.length < 4) console.warn(`Only tried: ${JSON.stringify(WAYS)}`);
    ok(STRICT_WAYS.length > 0);
  },
});

for (const way of SEEING_WAYS) {
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
  name: "install.sh with wget refuses what no signature vouches for",
  ignore: ignore || BLIND_WAYS.length === 0,
  async fn() {
    await using scene = await newScene();
    await scene.place.installOld();
    for (const way of BLIND_WAYS) {
      const { code, stdout, stderr } = await scene.place.run([], way);
      deepStrictEqual([code, stdout], [1, ""], stderr);
      match(stderr, /wget may be led to a server that nobody vouches for/);
      match(stderr, /Install curl, or openssl 3/);
      await assertUntouched(scene);
    }
  },
});

Deno.test({
  name: "install.sh with wget and without keys says what it did not verify",
  ignore: ignore || BLIND_WAYS.length === 0,
  async fn() {
    await using scene = await newScene();
    await using place = await newInstallScene(scene.server, undefined);
    for (const way of BLIND_WAYS) {
      const { code, stderr } = await place.run([], way);
      deepStrictEqual(code, 0, stderr);
      match(stderr, /was not looked at: this script has no release key/);
      match(stderr, /Nothing says who made it: wget may be led to/);
    }
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
    for (const way of SEEING_WAYS) {
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
  },
  {
    name: "32 bits",
    options: {
      fakes: { uname: uname("Linux", "aarch64"), getconf: "echo 32" },
    },
    says: /a system of 32 bits/,
  },
  {
    name: "another processor",
    options: { fakes: { uname: uname("Linux", "riscv64") } },
    says: /There is no release for riscv64/,
  },
  {
    name: "another system",
    options: { fakes: { uname: uname("FreeBSD", "amd64") } },
    says: /There is no release for FreeBSD/,
  },
  {
    name: "a shell of Windows",
    options: { fakes: { uname: uname("MINGW64_NT-10.0", "x86_64") } },
    says: /Run install\.ps1/,
  },
  {
    name: "nothing to download with",
    options: { tools: ["sha256sum"] },
    says: /Neither curl nor wget is here/,
  },
  {
    name: "nothing to add up with",
    options: { tools: ["curl"] },
    says: /Nothing here can compute a SHA-256/,
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

for (const { name, words, options, says } of ODD) {
  Deno.test({
    name: `install.sh refuses ${name}, and asks nobody`,
    ignore,
    async fn() {
      await using scene = await newScene();
      await scene.place.installOld();
      const { code, stderr } = await scene.place.run(words, options);
      deepStrictEqual(code, 1);
      match(stderr, says);
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
    const word of ["--version", "--dir", "--variant", "STIGMER_RELEASES_URL"]
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
