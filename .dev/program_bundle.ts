/**
 * Bundles the program, in a process of its own that has the bundler among its
 * imports: `program_bundle.ts PACKAGES FOLDER`, where PACKAGES is a folder with
 * the packages of the program.
 *
 * @module
 */

import { ROOT } from "./command.ts";
import { readEagerList } from "./eager_list.ts";
import { withEagerFunctions } from "./program_eager.ts";
import { bundlersParser, functionsOf } from "./program_functions.ts";
import { LAYERS, refuseCircles } from "./program_layers.ts";
import {
  asAscii,
  isFacade,
  shippedSource,
  withComputedImports,
  withoutCommonJs,
  withoutFacades,
} from "./program_text.ts";

/** What is used of the bundler, which this repository's own lock has not. */
interface Bundler {
  rolldown(options: {
    readonly cwd: string;
    readonly input: Readonly<Record<string, string>>;
    readonly platform: "node";
    readonly resolve: { readonly conditionNames: readonly string[] };
    readonly plugins: readonly Plugin[];
    readonly onLog: () => void;
  }): Promise<Bundle>;
}

interface Bundle {
  generate(options: {
    readonly format: "esm";
    readonly comments: false;
    readonly minify: {
      readonly compress: true;
      readonly mangle: false;
      readonly codegen: true;
    };
    readonly entryFileNames: string;
    readonly chunkFileNames: string;
    readonly codeSplitting: { readonly groups: readonly Group[] };
  }): Promise<{ readonly output: readonly Output[] }>;
  close(): Promise<void>;
}

/** A layer: its roots, with all that they need and no layer before has. */
interface Group {
  readonly name: string;
  readonly priority: number;
  readonly includeDependenciesRecursively: true;
  readonly test: (id: string) => boolean;
}

type Output =
  | { readonly type: "chunk"; readonly fileName: string; readonly code: string }
  | { readonly type: "asset"; readonly fileName: string };

interface Resolution {
  readonly id: string;
  readonly external?: boolean;
}

interface Plugin {
  readonly name: string;
  resolveId(
    this: PluginContext,
    specifier: string,
    importer: string | undefined,
  ): Promise<Resolution | null> | Resolution | null;
  load(id: string): Promise<{ code: string; moduleType: "js" } | null>;
  transform(code: string, id: string): string | null;
  renderChunk(code: string): string;
}

interface PluginContext {
  resolve(
    specifier: string,
    importer: string,
    options: { readonly skipSelf: true },
  ): Promise<Resolution | null>;
}

const INPUT = {
  mod: "src/mod.ts",
  confined_worker: "src/workspace/confined_worker.ts",
  confined_child: "src/workspace/confined_child.ts",
};

/** Bundles into a folder that is there. */
async function bundleProgram(packages: string, folder: string): Promise<void> {
  // By a name that the checker of types does not follow.
  const name = "rolldown";
  const { rolldown }: Bundler = await import(name);
  const bundle = await rolldown({
    cwd: ROOT,
    input: INPUT,
    platform: "node",
    resolve: {
      conditionNames: ["deno", "node", "import", "module", "default"],
    },
    plugins: [await programPlugin(packages)],
    onLog: () => {},
  });
  const { output } = await bundle.generate({
    format: "esm",
    comments: false,
    // Names stay: what a stack shows is to be read.
    minify: { compress: true, mangle: false, codegen: true },
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    codeSplitting: { groups: groups() },
  });
  await bundle.close();
  const texts = new Map(output.map((it) => {
    if (it.type === "chunk") return [it.fileName, it.code] as const;
    throw new Error(`Not expected of the bundler: ${it.fileName}`);
  }));
  const finish = await finisher();
  const started = new Set(Object.keys(INPUT).map((it) => `${it}.js`));
  for (const [name, text] of withoutFacades(texts)) {
    if (isFacade(text) && !started.has(name)) continue;
    await Deno.writeTextFile(`${folder}/${name}`, finish(name, text));
  }
}

/** What is done last to each module; the layers are read at each start. */
async function finisher(): Promise<(name: string, text: string) => string> {
  const parse = await bundlersParser();
  const eager = await readEagerList();
  const layers = new Set(LAYERS.map(({ name }) => `${name}.js`));
  return (name, text) => {
    const code = asAscii(withComputedImports(text));
    if (!layers.has(name)) return code;
    refuseCircles(name, code);
    return withEagerFunctions(
      code,
      functionsOf(parse(code)),
      (key) => eager.has(key),
    );
  };
}

function groups(): readonly Group[] {
  return LAYERS.map(({ name, roots }, index) => ({
    name,
    priority: LAYERS.length - index,
    includeDependenciesRecursively: true,
    test: (id) => roots.some((root) => id === `${ROOT}${root}`),
  }));
}

/** Resolves as Deno does, and writes computed imports as what they import. */
async function programPlugin(packages: string): Promise<Plugin> {
  const { imports } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const targets = new Map<string, unknown>(Object.entries(imports));
  return {
    name: "program",
    async resolveId(specifier, importer) {
      if (specifier.startsWith("node:")) {
        return { id: specifier, external: true };
      }
      const target = targets.get(specifier);
      if (typeof target !== "string") return null;
      if (target.startsWith("./")) return { id: `${ROOT}${target.slice(2)}` };
      if (importer?.startsWith(packages)) return null;
      const from = `${packages}/importer.js`;
      return await this.resolve(specifier, from, { skipSelf: true });
    },
    async load(id) {
      if (!id.endsWith(".sql")) return null;
      const text = JSON.stringify(await Deno.readTextFile(id));
      return { code: `export default ${text};`, moduleType: "js" };
    },
    transform(code, id) {
      return id.startsWith(`${ROOT}src/`) && id.endsWith(".ts")
        ? shippedSource(code, id.slice(ROOT.length))
        : null;
    },
    renderChunk: withoutCommonJs,
  };
}

if (import.meta.main) {
  const [packages, folder] = Deno.args;
  if (packages === undefined || folder === undefined) {
    console.error("Give the folder of the packages, and where to write");
    Deno.exit(2);
  }
  await bundleProgram(packages, folder);
}
