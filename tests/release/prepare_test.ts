import { deepStrictEqual, match, ok, throws } from "node:assert/strict";
import { fillFormula, writeFormula } from "../../.dev/release/formula.ts";
import { releaseProblems } from "../../.dev/release/verify.ts";
import { assetName, TARGETS, VARIANTS } from "../../.dev/targets.ts";
import { sha256Hex } from "../../src/model/sha256.ts";
import { tarGz } from "./archives.ts";
import { find } from "./installer.ts";
import {
  newRelease,
  newSigner,
  type ReleaseFiles,
  seal,
  type Signer,
  utf8,
} from "./releases.ts";

interface Folder extends AsyncDisposable {
  readonly path: string;
}

/** Writes a release into a folder. */
async function newFolder(files: ReleaseFiles): Promise<Folder> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-release-" });
  for (const [name, bytes] of files) {
    await Deno.writeFile(`${path}/${name}`, bytes);
  }
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function problemsOf(
  signer: Signer,
  change: (files: ReleaseFiles) => unknown,
): Promise<readonly string[]> {
  const files = await newRelease(signer, "0.3.0");
  await change(files);
  await using folder = await newFolder(files);
  return await releaseProblems(folder.path, {
    keys: [signer.key],
    version: "0.3.0",
  });
}

Deno.test("a release that is whole has no problems", async () => {
  deepStrictEqual(await problemsOf(await newSigner(), () => {}), []);
});

Deno.test("a release with anything wrong does not go out", async () => {
  const signer = await newSigner();
  const cases: readonly (readonly [
    change: (files: ReleaseFiles) => unknown,
    says: RegExp,
  ])[] = [
    [(it) => it.set("LICENSE", utf8("x")), /does not name LICENSE/],
    [(it) => it.delete("SHA256SUMS.sig"), /^There is no SHA256SUMS\.sig in "/m],
    [async (it) => seal(await newSigner(), it), /signature is wrong/],
    [
      (it) => it.set("release.json", utf8('{"version":"0.4.0"}')),
      /Cannot trust "release\.json"/,
    ],
    [
      async (it) => {
        it.set("stigmer-linux-x64.tar.gz", await tarGz([]));
        await seal(signer, it);
      },
      /archive has no "stigmer"/,
    ],
    [
      (it) => {
        it.delete("release.json");
        return seal(signer, it);
      },
      /does not name release\.json/,
    ],
  ];
  for (const [change, says] of cases) {
    match((await problemsOf(signer, change)).join("\n"), says);
  }
});

Deno.test("a release without any one of its archives does not go out", async () => {
  const signer = await newSigner();
  for (const variant of VARIANTS) {
    for (const target of TARGETS) {
      const name = assetName(variant, target);
      const problems = await problemsOf(signer, (files) => {
        files.delete(name);
        return seal(signer, files);
      });
      deepStrictEqual(problems, [
        `The release has no "${name}": SHA256SUMS does not name it`,
      ]);
    }
  }
});

Deno.test("a release of another version than the one of the sources does not go out", async () => {
  const signer = await newSigner();
  const problems = await problemsOf(signer, (files) => {
    files.set("release.json", utf8('{"version":"0.4.0"}'));
    return seal(signer, files);
  });
  deepStrictEqual(problems, ["release.json is of 0.4.0, and this is 0.3.0"]);
});

Deno.test("the formula is filled in with the checksums of the release", async () => {
  const files = await newRelease(await newSigner(), "0.3.0");
  await using folder = await newFolder(files);
  const path = await writeFormula(folder.path);
  const text = await Deno.readTextFile(path);
  ok(!/@[A-Z]/.test(text), text);
  ok(text.includes('version "0.3.0"'));
  const urls = [...text.matchAll(/url "(.*)"\s+sha256 "(.*)"/g)];
  deepStrictEqual(urls.length, 4);
  for (const [, url = "", sum] of urls) {
    match(url, /^https:\/\/github\.com\/.*\/download\/v0\.3\.0\/stigmer-/);
    const name = url.slice(url.lastIndexOf("/") + 1);
    deepStrictEqual(sum, sha256Hex(files.get(name) ?? utf8("")), name);
  }
  const ruby = find("ruby");
  if (ruby === undefined) {
    console.warn("Skipped: there is no ruby here to read the formula");
    return;
  }
  const { code, stderr } = await new Deno.Command(ruby, {
    args: ["-wc", path],
  }).output();
  deepStrictEqual(code, 0, new TextDecoder().decode(stderr));
});

Deno.test("fillFormula() refuses what nothing fills in", () => {
  const release = { version: "1.0.0", url: "https://x", sums: new Map() };
  throws(() => fillFormula("@OTHER@", release), /Nothing fills in @OTHER@/);
  throws(() => fillFormula("@SHA256 a.zip@", release), /has no "a\.zip"/);
});
