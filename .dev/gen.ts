/**
 * Writes anew what is generated and committed: `gen/` from the contract and the
 * packages that it runs on, `docs/cli.md` from the commands, `docs/api.md` from
 * the contract's comments and `docs/llms.txt` from all of them.
 *
 * With `--release` it also takes the contract as it is now for the one that
 * later changes may not break.
 *
 * @module
 */

import { generateCode, writeReleasedImage } from "./buf.ts";
import { outputOf, ROOT, runDeno } from "./command.ts";
import { writeContractComments } from "./contract_comments.ts";
import { bundleGrpc } from "./grpc_runtime.ts";
import { bundleRuntime } from "./runtime.ts";
import { bundleYaml } from "./yaml_runtime.ts";
import { bundleZip } from "./zip_runtime.ts";

/** What writes pages of the documentation, each with `--check` as well. */
const PAGES = [".dev/cli_docs.ts", ".dev/api_docs.ts", ".dev/llms_txt.ts"];

if (import.meta.main) {
  await replaceGen();
  for (const script of PAGES) {
    const docs = await runDeno(["run", "-A", script]);
    if (docs.ok) continue;
    console.error(outputOf(docs));
    Deno.exit(1);
  }
  if (Deno.args.includes("--release")) await writeReleasedImage();
  console.log("Wrote gen/, docs/cli.md, docs/api.md and docs/llms.txt");
}

/** Writes beside the old code first, so that a failure leaves it as it was. */
async function replaceGen(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-gen-" });
  try {
    await generateCode(folder);
    await bundleRuntime(folder);
    await bundleGrpc(folder);
    await bundleZip(folder);
    await bundleYaml(folder);
    await writeContractComments(folder);
    const files = await readTree(`${folder}/gen`);
    await Deno.remove(`${ROOT}gen`, { recursive: true });
    for (const [path, text] of files) {
      const target = `${ROOT}gen/${path}`;
      await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), {
        recursive: true,
      });
      await Deno.writeTextFile(target, text);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Says which files of `gen/` are not what the contract gives. */
export async function staleGenFiles(): Promise<readonly string[]> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-gen-" });
  try {
    await generateCode(folder);
    await bundleRuntime(folder);
    await bundleGrpc(folder);
    await bundleZip(folder);
    await bundleYaml(folder);
    await writeContractComments(folder);
    const wanted = await readTree(`${folder}/gen`);
    const found = await readTree(`${ROOT}gen`);
    const paths = new Set([...wanted.keys(), ...found.keys()]);
    return [...paths].filter((path) => wanted.get(path) !== found.get(path))
      .sort().map((path) => `gen/${path}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Reads all text files below a folder, by path with `/` between the parts. */
async function readTree(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  async function read(prefix: string): Promise<void> {
    for await (const entry of Deno.readDir(`${folder}/${prefix}`)) {
      const path = `${prefix}${entry.name}`;
      if (entry.isDirectory) await read(`${path}/`);
      // A checkout may have turned line ends around.
      else {
        const text = await Deno.readTextFile(`${folder}/${path}`);
        files.set(path, text.replaceAll("\r\n", "\n"));
      }
    }
  }
  await read("");
  return files;
}
