/**
 * Checks what the executable would carry, without downloading the runtime
 * that it is built on: compiles onto a stand-in and reads the payload back.
 *
 * @module
 */

import { outputOf, ROOT } from "./command.ts";
import { BAKED_PERMISSIONS, compile } from "./compile.ts";
import { type Payload, readPayload } from "./payload.ts";

/** The stand-in is an ELF file, so the check builds for Linux everywhere. */
const TARGET = "x86_64-unknown-linux-gnu";
/** Tests, and the machine that only they use. */
const TEST_REGEXP = /_test\.ts$|\/fake\w*\.ts$/;
/** A module of types alone vanishes when it is compiled. */
const CODE_REGEXP =
  /^(?:export )?(?:async )?(?:function|const|let|class|if|await|export \{)/m;
/** The worker of `src/expr/` loads it by name. */
const JQ_REGEXP = /\/jq-web\/.*\.wasm$/;

/** Compiles `src/mod.ts` and says what is wrong with the result. */
export async function checkCompile(): Promise<readonly string[]> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-compile-" });
  try {
    const base = `${folder}/base`;
    await Deno.writeFile(base, emptyElf());
    const output = `${folder}/stigmer`;
    const result = await compile({ output, base, target: TARGET });
    if (!result.ok) return [outputOf(result)];
    const payload = readPayload(await Deno.readFile(output));
    return [...wrongPermissions(payload), ...await missingFiles(payload)];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Compares every permission that is baked with the one that is meant. */
export function wrongPermissions(payload: Payload): readonly string[] {
  // Deno bakes its default list of hosts here even when all imports are denied.
  const { allow_import: _, ...found } = payload.permissions;
  const names = new Set([
    ...Object.keys(found),
    ...Object.keys(BAKED_PERMISSIONS),
  ]);
  return [...names].flatMap((name) => {
    const is = JSON.stringify(found[name]);
    const should = JSON.stringify(BAKED_PERMISSIONS[name]);
    return is === should ? [] : [`Permission ${name} is ${is}, not ${should}`];
  });
}

/** Lists the files that the program needs and the executable lacks. */
async function missingFiles(payload: Payload): Promise<readonly string[]> {
  const files = new Set(payload.files);
  const wanted = [
    ...await listFiles("migrations"),
    // Most commands are loaded by computed names, so the graph may miss one.
    ...await listProgramFiles(),
  ];
  const missing = wanted.filter((path) => !files.has(path));
  if (!payload.files.some((path) => JQ_REGEXP.test(path))) {
    missing.push("the WebAssembly of jq-web");
  }
  return missing.map((path) => `Not embedded: ${path}`);
}

/** Lists the sources that carry something at run time. */
async function listProgramFiles(): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const path of await listFiles("src")) {
    if (!path.endsWith(".ts") || TEST_REGEXP.test(path)) continue;
    const text = await Deno.readTextFile(ROOT + path);
    if (CODE_REGEXP.test(text)) paths.push(path);
  }
  return paths;
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(ROOT + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...await listFiles(path));
    else paths.push(path);
  }
  return paths.sort();
}

/**
 * Makes the smallest file that `deno compile` takes for an ELF executable: a
 * header and one program header.
 */
export function emptyElf(): Uint8Array<ArrayBuffer> {
  const headerSize = 64;
  const programHeaderSize = 56;
  const size = headerSize + programHeaderSize;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]);
  view.setUint16(16, 2, true); // executable
  view.setUint16(18, 62, true); // x86-64
  view.setUint32(20, 1, true);
  view.setBigUint64(24, 0x400000n, true); // entry
  view.setBigUint64(32, BigInt(headerSize), true); // program headers
  view.setUint16(52, headerSize, true);
  view.setUint16(54, programHeaderSize, true);
  view.setUint16(56, 1, true); // one of them
  view.setUint16(58, 64, true);
  view.setUint32(headerSize, 1, true); // to be loaded
  view.setUint32(headerSize + 4, 5, true); // read, execute
  view.setBigUint64(headerSize + 16, 0x400000n, true);
  view.setBigUint64(headerSize + 24, 0x400000n, true);
  view.setBigUint64(headerSize + 32, BigInt(size), true);
  view.setBigUint64(headerSize + 40, BigInt(size), true);
  view.setBigUint64(headerSize + 48, 0x1000n, true);
  return bytes;
}
