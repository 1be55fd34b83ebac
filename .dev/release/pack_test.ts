import { deepStrictEqual, match, ok } from "node:assert/strict";
import { VERSION } from "../../src/model/version.ts";
import { ROOT, runDeno } from "../command.ts";
import { standIn } from "../stand_in.ts";
import { assetName, TARGETS, VARIANTS } from "../targets.ts";
import { writeFormula } from "./formula.ts";
import { executablePath, pack, type Packing } from "./pack.ts";
import { tagProblem, versionProblem } from "./release.ts";
import { makeKeys, sha256, sign, sumsOf } from "./sums.ts";
import { releaseProblems } from "./verify.ts";

async function packStandIns(folder: string): Promise<Packing> {
  const from = `${folder}/built`;
  for (const variant of VARIANTS) {
    for (const target of TARGETS) {
      const path = executablePath(from, { variant, target });
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), {
        recursive: true,
      });
      await Deno.writeFile(path, standIn(target));
    }
  }
  const to = `${folder}/released`;
  await Deno.mkdir(to);
  return {
    from,
    to,
    version: "1.2.3",
    timeMs: 1_700_000_000_000,
    denoVersion: "2.9.6",
    components: [],
  };
}

Deno.test("pack() writes an archive for each, and lists all that it writes", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const packing = await packStandIns(folder);
    const names = await pack(packing);
    const archives = VARIANTS.flatMap((variant) =>
      TARGETS.map((target) => assetName(variant, target))
    );
    deepStrictEqual(names.slice(0, archives.length), archives);
    deepStrictEqual(names.at(-1), "SHA256SUMS");
    const there = Array.from(Deno.readDirSync(packing.to), (it) => it.name);
    deepStrictEqual(there.sort(), [...names].sort());
    const sums = await Deno.readTextFile(`${packing.to}/SHA256SUMS`);
    const lines = await Promise.all(
      names.slice(0, -1).toSorted().map(async (name) =>
        `${await sha256(
          await Deno.readFile(`${packing.to}/${name}`),
        )}  ${name}\n`
      ),
    );
    deepStrictEqual(sums, lines.join(""));
    deepStrictEqual(
      await Deno.readTextFile(`${packing.to}/release.json`),
      '{"version":"1.2.3"}\n',
    );
    // From the same it makes the same.
    const to = `${folder}/again`;
    await Deno.mkdir(to);
    await pack({ ...packing, to });
    deepStrictEqual(await Deno.readTextFile(`${to}/SHA256SUMS`), sums);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Lists the files anew, and signs that list. */
async function signAgain(folder: string, privateKey: string): Promise<void> {
  const listed = await Deno.readTextFile(`${folder}/SHA256SUMS`);
  const names = listed.trim().split("\n").map((it) => it.split("  ")[1] ?? "");
  const sums = new TextEncoder().encode(await sumsOf(folder, names));
  await Deno.writeFile(`${folder}/SHA256SUMS`, sums);
  const signature = await sign(sums, privateKey);
  await Deno.writeTextFile(`${folder}/SHA256SUMS.sig`, `${signature}\n`);
}

Deno.test("what was packed and signed is what those who install it believe", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { to, ...packing } = await packStandIns(folder);
    await pack({ to, ...packing });
    const { privateKey, publicKey } = await makeKeys();
    const expected = {
      keys: [{ name: "test", publicKey }],
      version: packing.version,
    };
    match((await releaseProblems(to, expected)).join("\n"), /SHA256SUMS\.sig/);
    const sums = await Deno.readFile(`${to}/SHA256SUMS`);
    const signature = await sign(sums, privateKey);
    await Deno.writeTextFile(`${to}/SHA256SUMS.sig`, `${signature}\n`);
    deepStrictEqual(await releaseProblems(to, expected), []);
    const formula = await Deno.readTextFile(await writeFormula(to));
    match(formula, /version "1\.2\.3"/);
    deepStrictEqual(await releaseProblems(to, expected), []);
    const script = await Deno.readTextFile(`${to}/install.sh`);
    await Deno.writeTextFile(
      `${to}/install.sh`,
      script.replace(/^RELEASE_KEYS=".*"$/m, 'RELEASE_KEYS="other"'),
    );
    await signAgain(to, privateKey);
    match(
      (await releaseProblems(to, expected)).join("\n"),
      /^install\.sh carries other keys than .* has other besides$/,
    );
    await Deno.writeTextFile(`${to}/install.sh`, "exit 0\n");
    match((await releaseProblems(to, expected)).join("\n"), /install\.sh/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("deno task release sign refuses a key that no build believes", async () => {
  const { privateKey, publicKey } = await makeKeys();
  const result = await runDeno(
    ["run", "-A", "--no-check", ".dev/release/release.ts", "sign"],
    { env: { STIGMER_RELEASE_KEY: privateKey } },
  );
  deepStrictEqual(result.code, 1);
  ok(
    result.stderr.startsWith(
      `Cannot sign: no build believes the key ${publicKey}`,
    ),
  );
});

const STEPS: readonly [readonly string[], number, RegExp][] = [
  [["--help"], 0, /^Take a step of a release\n/],
  [[], 2, /^Cannot take the step: name it\n/],
  [["pack", "x"], 2, /^Cannot take the step "pack": "x" is one too many\n/],
  [["tag"], 2, /^Cannot take the step "tag": name the tag\n/],
  [["tag", "v0.0.0"], 1, /^Cannot release "v0\.0\.0": this is version /],
  [["tag", `v${VERSION}-rc.1`], 1, /its tag is "v/],
  [["tga"], 2, /^There is no step "tga", did you mean "tag"\?/],
  [["sign"], 1, /^Cannot sign: STIGMER_RELEASE_KEY is not set/],
  [["keys", "/nowhere/key.pem"], 1, /^Cannot take the step "keys": .*nowhere/],
  [["keys"], 2, /: name the file for the private key\n/],
  [
    ["keys", "key.pem"],
    2,
    /^Cannot write a private key to "key\.pem": that is in this clone/,
  ],
];

for (const [args, code, words] of STEPS) {
  Deno.test(`deno task release ${args.join(" ")} ends with ${code}`, async () => {
    const result = await runDeno(
      ["run", "-A", "--no-check", ".dev/release/release.ts", ...args],
      { env: { STIGMER_RELEASE_KEY: "", INIT_CWD: ROOT } },
    );
    deepStrictEqual(result.code, code, result.stderr);
    ok(words.test(result.stdout + result.stderr), result.stderr);
  });
}

Deno.test("a version before its release has no tag that would make it the latest", () => {
  for (const version of ["1.0.0-rc.1", "1.0.0-0"]) {
    match(
      tagProblem(`v${version}`, version) ?? "",
      /everybody would be given it as the latest/,
    );
  }
  match(tagProblem("v1.0.1", "1.0.0") ?? "", /its tag is "v1\.0\.0"/);
  deepStrictEqual(tagProblem("v1.0.0", "1.0.0"), undefined);
});

Deno.test("nothing is packed of which packages and program say different versions", () => {
  match(
    versionProblem('{"version":"1.0.1"}', "1.0.0") ?? "",
    /^Cannot pack: deno\.json is of 1\.0\.1 and src\/model\/version\.ts of 1\.0\.0/,
  );
  deepStrictEqual(versionProblem('{"version":"1.0.0"}', "1.0.0"), undefined);
});

Deno.test("deno task release keys writes a key for its owner alone, and over none", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/key.pem`;
    const make = () =>
      runDeno([
        "run",
        "-A",
        "--no-check",
        ".dev/release/release.ts",
        "keys",
        path,
      ]);
    const first = await make();
    ok(first.ok, first.stderr);
    ok(/^[A-Za-z0-9+/]{43}=\n$/.test(first.stdout), first.stdout);
    const { mode } = await Deno.stat(path);
    if (Deno.build.os !== "windows") {
      deepStrictEqual((mode ?? 0) & 0o777, 0o600);
    }
    const text = await Deno.readTextFile(path);
    match(
      (await make()).stderr,
      /^Cannot write a key to ".*": it is there already\n$/,
    );
    deepStrictEqual(await Deno.readTextFile(path), text);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
