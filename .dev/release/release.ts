/**
 * The steps of a release, as `.github/workflows/release.yml` takes them and as
 * anybody can take them: `deno task release --help`.
 *
 * @module
 */

import { dirname, isAbsolute, relative } from "node:path";
import { VERSION } from "../../src/model/version.ts";
import { CHECKSUMS_FILE, SIGNATURE_FILE } from "../../src/release/checksums.ts";
import { RELEASE_KEYS } from "../../src/release/keys.ts";
import { ROOT } from "../command.ts";
import { sourceTimeMs } from "../stage.ts";
import { TARGETS, VARIANTS } from "../targets.ts";
import {
  didYouMean,
  inPart,
  oneArgument,
  pathFrom,
  readFlags,
  runTask,
  TaskError,
  UsageError,
} from "../task.ts";
import { type Base, downloadedBases } from "./bases.ts";
import { components } from "./components.ts";
import { layNpmPackages } from "./npm_packages.ts";
import { notices } from "./notices.ts";
import { executablePath, pack } from "./pack.ts";
import { ownScriptProblems } from "./script_keys.ts";
import { KEY_VARIABLE, makeKeys, publicKeyOf, sign } from "./sums.ts";

const BUILT = `${ROOT}dist`;
const RELEASED = `${ROOT}dist/release`;
const NPM = `${ROOT}dist/npm`;
const REPOSITORY = "stigmer/stigmer";

const HELP = `Take a step of a release

Usage: deno task release <step>

Steps:
  tag <name>   Check that a tag is the one of this version (v${VERSION})
  pack         Make dist/release/ from the executables in dist/
  sign         Sign the checksums in dist/release/ with ${KEY_VARIABLE}
  npm          Lay out the packages for npm in dist/npm/
  keys <file>  Make a key: the private half into the file, the public one is
               printed

Options:
  --in-clone   Let keys write into this clone, where a key may be committed
  --help       Print this

The executables are built by: deno task compile --all --variant stigmer --variant stigmer-ci

Examples:
  deno task release pack
  deno task release keys ~/release-key.pem`;

const ACT = "take the step";
const FLAGS = { "in-clone": { type: "boolean" } } as const;

/** A step, and what it is given besides. */
interface Step {
  /** What its one argument is; it takes none when absent. */
  readonly takes?: string;
  readonly run: (argument: string, inClone: boolean) => Promise<void>;
}

const STEPS: Readonly<Record<string, Step>> = {
  tag: { takes: "the tag", run: checkTag },
  pack: { run: packRelease },
  sign: { run: signRelease },
  npm: { run: layNpm },
  keys: { takes: "the file for the private key", run: writeKeys },
};

function checkTag(tag: string): Promise<void> {
  const problem = tagProblem(tag, VERSION);
  if (problem === undefined) return Promise.resolve();
  throw new TaskError(problem);
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
  const problem = versionProblem(
    await Deno.readTextFile(`${ROOT}deno.json`),
    VERSION,
  );
  if (problem !== undefined) throw new TaskError(problem);
  await refuseUnbuilt();
  await refuseOtherKeys("pack");
  await emptyFolder(RELEASED);
  const names = await pack({
    from: BUILT,
    to: RELEASED,
    version: VERSION,
    timeMs: await sourceTimeMs(),
    denoVersion: Deno.version.deno,
    bases: await recordedBases(),
    components: await components(),
  });
  for (const name of names) console.log(`Wrote dist/release/${name}`);
}

/** Says how the version that packages get differs from that of the program. */
export function versionProblem(
  denoJson: string,
  version: string,
): string | undefined {
  const { version: published }: { readonly version?: unknown } = Object(
    JSON.parse(denoJson),
  );
  if (published === version) return undefined;
  return `Cannot pack: deno.json is of ${published} and ` +
    `src/model/version.ts of ${version}, give both the same version`;
}

/** What was released before stays until all that is to be packed is there. */
async function refuseUnbuilt(): Promise<void> {
  for (const variant of VARIANTS) {
    for (const target of TARGETS) {
      const path = executablePath(BUILT, { variant, target });
      const found = await Deno.stat(path).catch(() => undefined);
      if (found?.isFile) continue;
      throw new TaskError(
        `Cannot pack: there is no ${path}, build it with: ` +
          "deno task compile --all --variant stigmer --variant stigmer-ci",
      );
    }
  }
}

/** Who installs by a script must believe what an upgrade believes. */
async function refuseOtherKeys(act: string): Promise<void> {
  const [problem] = await ownScriptProblems();
  if (problem === undefined) return;
  throw new TaskError(`Cannot ${act}: .github/release/${problem}`);
}

async function recordedBases(): Promise<readonly Base[]> {
  const bases = await downloadedBases(Deno.version.deno);
  for (const { triple } of TARGETS) {
    if (bases.some((it) => it.triple === triple)) continue;
    console.error(
      `Not in the bill: the base for ${triple}, its zip is not here`,
    );
  }
  return bases;
}

async function signRelease(): Promise<void> {
  const privateKey = Deno.env.get(KEY_VARIABLE);
  if (privateKey === undefined || privateKey === "") {
    throw new TaskError(`Cannot sign: ${KEY_VARIABLE} is not set`);
  }
  // A release that no build believes would only be found out by its users.
  const publicKey = await publicKeyOf(privateKey);
  if (!RELEASE_KEYS.some((it) => it.publicKey === publicKey)) {
    throw new TaskError(
      `Cannot sign: no build believes the key ${publicKey}, ` +
        "add it to src/release/keys.ts in a release before",
    );
  }
  await refuseOtherKeys("sign");
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

async function writeKeys(file: string, inClone: boolean): Promise<void> {
  const path = pathFrom(file);
  if (!inClone && await isWithin(path, ROOT)) {
    throw new UsageError(
      `Cannot write a private key to "${file}": that is in this clone, where ` +
        "it may be committed, name a file elsewhere or say --in-clone",
    );
  }
  const { privateKey, publicKey } = await makeKeys();
  try {
    // One that is there is never written over: it may be the only copy.
    const options = { createNew: true, mode: 0o600 };
    await Deno.writeTextFile(path, privateKey, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new TaskError(`Cannot write a key to "${file}": it is there already`);
  }
  console.log(publicKey);
}

/** Whether a file that is to be made would be below a folder. */
async function isWithin(path: string, folder: string): Promise<boolean> {
  const parent = await Deno.realPath(dirname(path));
  const from = relative(await Deno.realPath(folder), parent);
  return from === "" || (!isAbsolute(from) && !/^\.\.(?:[\\/]|$)/.test(from));
}

async function emptyFolder(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(path, { recursive: true });
}

async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = readFlags(args, FLAGS, ACT);
  const [name, ...rest] = positionals;
  if (name === undefined) throw new UsageError(`Cannot ${ACT}: name it`);
  const step = Object.hasOwn(STEPS, name) ? STEPS[name] : undefined;
  if (step === undefined) {
    const near = didYouMean(name, Object.keys(STEPS));
    throw new UsageError(`There is no step "${name}"${near}`);
  }
  const act = `take the step "${name}"`;
  if (step.takes === undefined && rest.length > 0) {
    throw new UsageError(`Cannot ${act}: "${rest[0]}" is one too many`);
  }
  const argument = step.takes === undefined
    ? ""
    : oneArgument(rest, { act, what: step.takes });
  await inPart(act, () => step.run(argument, values["in-clone"] === true));
}

if (import.meta.main) {
  await runTask({ name: "release", act: ACT, help: HELP, run });
}
