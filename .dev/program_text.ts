/**
 * What is changed in the texts of the program when it is bundled. Pure.
 *
 * @module
 */

const UNSEEN_REGEXP =
  /\bimportUnseen(?:<[^;]*?>)?\(\s*("\.{1,2}\/[^"]+"),\s*import\.meta\.url,?\s*\)/g;
const VERB_REGEXP = /\bload: verb\(("\.\/[^"]+")\)/g;
const BESIDE_REGEXP = /\bnew URL\("\.\/(\w+)\.ts", import\.meta\.url\)/g;
const LEFT_REGEXP = /\bimportUnseen(?:<[^;]*?>)?\(/;
/** Where the function is, and the one place that takes a computed path. */
const UNSEEN_FILES = /\/_?unseen\.ts$|^src\/cli\/tree\.ts$/;

/**
 * A source as the bundler is to see it: its computed imports are what they
 * import, and what is started by its address stands beside all others.
 *
 * @throws Error when an import is computed in a way that is not known.
 */
export function shippedSource(code: string, path: string): string {
  const text = code
    .replaceAll(UNSEEN_REGEXP, "import($1)")
    .replaceAll(VERB_REGEXP, "load: () => import($1)")
    .replaceAll(BESIDE_REGEXP, 'new URL("./$1.js", import.meta.url)');
  if (!UNSEEN_FILES.test(path) && LEFT_REGEXP.test(text)) {
    throw new Error(`Cannot follow an import of ${path}`);
  }
  return text;
}

const REQUIRE_IMPORT_REGEXP =
  /^import\s*\{\s*createRequire\s*\}\s*from\s*"node:module";\n?/m;
const REQUIRE_REGEXP = /\(\(\) => createRequire\(import\.meta\.url\)\)\(\)/g;
const IMPORT_REGEXP = /\bimport\(["`](\.\/[\w.$-]+\.js)["`]\)/g;

/**
 * A module of the bundle without what only CommonJS has. Packages ask for
 * modules of the platform when they need them: `node:module` alone takes as
 * long as an empty program.
 */
export function withoutCommonJs(code: string): string {
  return code
    .replace(REQUIRE_IMPORT_REGEXP, "")
    .replaceAll(
      REQUIRE_REGEXP,
      "((id) => globalThis.process.getBuiltinModule(id))",
    );
}

/**
 * A module whose imports are computed again: Deno reads the graph of all that
 * is written at each start.
 */
export function withComputedImports(code: string): string {
  return code.replaceAll(
    IMPORT_REGEXP,
    'import(new URL("$1",import.meta.url).href)',
  );
}

const BEYOND_ASCII_REGEXP = /[\u0080-\uffff]/g;
/** Where the text itself counts, or a backslash stands before. */
const RAW_REGEXP = /\braw`[^`]*[\u0080-\uffff]|\\[\u0080-\uffff]/;

/**
 * A module in ASCII: one other character has the engine keep, and read, two
 * bytes for each of all.
 *
 * @throws Error when a text is taken as it is written.
 */
export function asAscii(code: string): string {
  if (RAW_REGEXP.test(code)) {
    throw new Error("Cannot write a raw text in ASCII");
  }
  return code.replaceAll(
    BEYOND_ASCII_REGEXP,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const FACADE_REGEXP =
  /^(?:import"\.\/[\w.$-]+";)*export\{([^{}]*)\}from"\.\/([\w.$-]+)";?\s*$/;

/** Whether a module only hands on what another one has. */
export function isFacade(text: string): boolean {
  return FACADE_REGEXP.test(text);
}

/**
 * Has imports of facades import what stands behind them: each file that is
 * read costs a start-up time.
 *
 * @param texts The modules by name, as the bundler wrote them.
 */
export function withoutFacades(
  texts: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const behind = new Map<string, string>();
  for (const [name, text] of texts) {
    const import_ = importBehind(text);
    if (import_ !== undefined) behind.set(name, import_);
  }
  return new Map([...texts].map(([name, text]) => [
    name,
    text.replaceAll(
      /\bimport\(["`]\.\/([\w.$-]+)["`]\)/g,
      (whole, target: string) => behind.get(target) ?? whole,
    ),
  ]));
}

/** The import that gives what a facade gives. */
function importBehind(text: string): string | undefined {
  const [, exported = "", from] = FACADE_REGEXP.exec(text) ?? [];
  if (from === undefined) return undefined;
  const members = pairs(exported).map(([inner, name]) => `${name}:it.${inner}`);
  return `import("./${from}").then((it)=>({${members.join(",")}}))`;
}

/** Reads `a as b,c`. */
function pairs(list: string): readonly (readonly [string, string])[] {
  return list.split(",").filter((it) => it.trim() !== "").map((it) => {
    const [first = "", second = first] = it.trim().split(/\s+as\s+/);
    return [first, second] as const;
  });
}
