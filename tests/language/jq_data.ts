/**
 * The cases of jq's own tests, where their folder is there.
 *
 * They stay out of the repository: `STIGMER_JQ_DIR` names their folder, by
 * default `../shared/jq` beside the project.
 *
 * @module
 */

/** One case: a program, its input and the outputs, or that it must not compile. */
export interface JqCase {
  readonly file: string;
  readonly program: string;
  readonly input: string;
  readonly outputs: readonly string[];
  readonly fails: boolean;
}

/** Where the cases are, or `undefined` when they are not there. */
export function jqFolder(): string | undefined {
  const folder = Deno.env.get("STIGMER_JQ_DIR") ??
    new URL("../../../shared/jq", import.meta.url).pathname;
  try {
    Deno.statSync(folder);
    return folder;
  } catch {
    console.warn(`Skipped: jq's tests are not at "${folder}" (STIGMER_JQ_DIR)`);
    return undefined;
  }
}

/** Reads the cases of all files. */
export function readJqCases(folder: string): readonly JqCase[] {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".test")).sort();
  return names.flatMap((file) =>
    readCases(file, Deno.readTextFileSync(`${folder}/${file}`))
  );
}

/** Cases stand apart by empty lines; `#` begins a comment. */
function readCases(file: string, text: string): readonly JqCase[] {
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  const cases: JqCase[] = [];
  let block: string[] = [];
  for (const line of [...lines, ""]) {
    if (line.trim() !== "") {
      block.push(line);
      continue;
    }
    if (block.length > 1) cases.push(readCase(file, block));
    block = [];
  }
  return cases;
}

function readCase(file: string, block: readonly string[]): JqCase {
  const fails = block[0]?.startsWith("%%FAIL") ?? false;
  const [program = "", input = "null", ...outputs] = fails
    ? block.slice(1)
    : block;
  return { file, program, input, outputs, fails };
}
