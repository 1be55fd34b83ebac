/**
 * The steps of a release, as `.github/workflows/release.yml` takes them and as
 * anybody can take them: `deno task release --help`.
 *
 * @module
 */

import { nearestName } from "../../src/model/near.ts";
import { VERSION } from "../../src/model/version.ts";
import { CHECKSUMS_FILE, SIGNATURE_FILE } from "../../src/release/checksums.ts";
import { RELEASE_KEYS } from "../../src/release/keys.ts";
import { ROOT } from "../command.ts";
import { sourceTimeMs } from "../stage.ts";
import { components } from "./components.ts";
import { layNpmPackages } from "./npm_packages.ts";
import { notices } from "./notices.ts";
import { executablePath, pack } from "./pack.ts";
import { KEY_VARIABLE, makeKeys, publicKeyOf, sign } from "./sums.ts";

const BUILT = `${ROOT}dist`;
const RELEASED = `${ROOT}dist/release`;
const NPM = `${ROOT}dist/npm`;
const REPOSITORY = "stigmer/stigmer";

const HELP = `The steps of a release

Usage: deno task release <step>

Steps:
  tag NAME    Check that a tag is the one of this version (v${VERSION})
  pack        Make dist/release/ from the executables in dist/
  sign        Sign the checksums in dist/release/ with ${KEY_VARIABLE}
  npm         Lay out the packages for npm in dist/npm/
  keys FILE   Make a key: the private half into FILE, the public one is printed

The executables are built by: deno task compile --all --variant stigmer --variant stigmer-ci`;

type Step = (argument: string | undefined) => Promise<void>;

const STEPS: Readonly<Record<string, Step>> = {
  tag: checkTag,
  pack: packRelease,
  sign: signRelease,
  npm: layNpm,
  keys: writeKeys,
};

/** What a person can mend; its message is all that is shown. */
class ReleaseError extends Error {}

function checkTag(tag = ""): Promise<void> {
  const problem = tagProblem(tag, VERSION);
  if (problem === undefined) return Promise.resolve();
  throw new ReleaseError(problem);
}

/** Says why a version is not released by a tag; nothing when it is. */
export function tagProblem(tag: string, version: string): string | undefined {
  if (tag !== `v${version}`) {
    return `Cannot release "${tag}": this is version ${version}, ` +
      `its tag is "v${version}"`;
  }
  // The latest of GitHub, of npm and of the formula is whatever came last.
  if (!version.includes("-")) return undefined;
  return `Cannot release "${tag}": it comes before a release, and everybody ` +
    "would be given it as the latest";
}

async function packRelease(): Promise<void> {
  await emptyFolder(RELEASED);
  const names = await pack({
    from: BUILT,
    to: RELEASED,
    version: VERSION,
    timeMs: await sourceTimeMs(),
    denoVersion: Deno.version.deno,
    components: await components(),
  });
  for (const name of names) console.log(`Wrote dist/release/${name}`);
}

async function signRelease(): Promise<void> {
  const privateKey = Deno.env.get(KEY_VARIABLE);
  if (privateKey === undefined || privateKey === "") {
    throw new ReleaseError(`Cannot sign: ${KEY_VARIABLE} is not set`);
  }
  // A release that no build believes would only be found out by its users.
  const publicKey = await publicKeyOf(privateKey);
  if (!RELEASE_KEYS.some((it) => it.publicKey === publicKey)) {
    throw new ReleaseError(
      `Cannot sign: no build believes the key ${publicKey}, ` +
        "add it to src/release/keys.ts in a release before",
    );
  }
  const bytes = await Deno.readFile(`${RELEASED}/${CHECKSUMS_FILE}`);
  await Deno.writeTextFile(
    `${RELEASED}/${SIGNATURE_FILE}`,
    `${await sign(bytes, privateKey)}\n`,
  );
  console.log(`Wrote dist/release/${SIGNATURE_FILE}`);
}

async function layNpm(): Promise<void> {
  await emptyFolder(NPM);
  const packages = await layNpmPackages(NPM, {
    version: VERSION,
    executableOf: (target) =>
      executablePath(BUILT, { variant: "stigmer", target }),
    notices: notices(await components()),
    repository: REPOSITORY,
  });
  for (const { name } of packages) console.log(`Laid out ${name}`);
}

async function writeKeys(path: string | undefined): Promise<void> {
  if (path === undefined) {
    throw new ReleaseError("Say where to: deno task release keys FILE");
  }
  const { privateKey, publicKey } = await makeKeys();
  // One that is there is never written over: it may be the only copy.
  const options = { createNew: true, mode: 0o600 };
  await Deno.writeTextFile(path, privateKey, options);
  console.log(publicKey);
}

async function emptyFolder(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(path, { recursive: true });
}

async function run(
  [name = "--help", argument]: readonly string[],
): Promise<number> {
  if (name === "--help" || name === "-h") {
    console.log(HELP);
    return 0;
  }
  const step = Object.hasOwn(STEPS, name) ? STEPS[name] : undefined;
  if (step === undefined) {
    const near = nearestName(name, Object.keys(STEPS));
    const hint = near === undefined ? "" : `, did you mean "${near}"?`;
    console.error(`There is no step "${name}"${hint}`);
    return 2;
  }
  try {
    await step(argument);
    return 0;
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    console.error(error.message);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await run(Deno.args));
