/**
 * The score that JSR gives the package, computed before it is published, by
 * the points of JSR's own source (`ApiPackageScore` in api/src/api/types.rs of
 * jsr-io/jsr): 18 points, of which 17 are already 100 %.
 *
 * 15 of them follow from what is here. Three are settings on jsr.io, which no
 * file of a package carries and which cannot be read from here: they are
 * counted as jsr_settings.json says that they are to be set, and told apart.
 *
 * `deno run -A .dev/jsr_score.ts` prints the points.
 *
 * @module
 */

import { parse } from "yaml";
import { outputOf, ROOT, runDeno } from "./command.ts";

/** What the points follow from. */
export interface JsrEvidence {
  readonly readme: string;
  /** The exported modules, the main one first. */
  readonly modules: readonly JsrModule[];
  /** Whether `deno publish` takes all types as they are. */
  readonly hasFastTypes: boolean;
  /** Whether the release proves where the package was built. */
  readonly hasProvenance: boolean;
  readonly settings: JsrSettings;
}

/** What JSR looks at in an exported module. */
export interface JsrModule {
  readonly doc: string;
  readonly symbols: number;
  readonly documentedSymbols: number;
}

/** What is set on jsr.io. */
export interface JsrSettings {
  readonly description: string;
  readonly runtimes: Readonly<Record<string, boolean>>;
}

/** Points for one thing. */
export interface JsrPoints {
  readonly name: string;
  readonly points: number;
  readonly pointsMax: number;
  /** Whether it is a setting on jsr.io, which cannot be read here. */
  readonly isSetting: boolean;
}

/** Points that are 100 %. */
export const JSR_POINTS_MIN = 17;
/** The part of all symbols whose documentation is worth all points. */
const DOCUMENTED_ENOUGH = 0.8;
const SYMBOL_POINTS = 5;

/** Computes the points for each thing, as JSR does. */
export function jsrPoints(evidence: JsrEvidence): readonly JsrPoints[] {
  const { readme, modules, settings } = evidence;
  const main = modules[0]?.doc ?? "";
  const runtimes = Object.values(settings.runtimes).filter((it) => it).length;
  return [
    point("README or module doc", readme !== "" || main !== "", 2),
    point("Example in it", [readme, main].some(hasExample)),
    point(
      "Module docs of all entry points",
      modules.every((it, i) => it.doc !== "" || (i === 0 && readme !== "")),
    ),
    {
      ...point("Documented symbols", true, SYMBOL_POINTS),
      points: symbolPoints(modules),
    },
    point("No slow types", evidence.hasFastTypes, 5),
    point("Provenance", evidence.hasProvenance),
    setting("Description", settings.description !== ""),
    setting("Compatible with a runtime", runtimes >= 1),
    setting("Compatible with several", runtimes >= 2),
  ];
}

function point(name: string, holds: boolean, pointsMax = 1): JsrPoints {
  return { name, points: holds ? pointsMax : 0, pointsMax, isSetting: false };
}

function setting(name: string, holds: boolean): JsrPoints {
  return { ...point(name, holds), isSetting: true };
}

function hasExample(text: string): boolean {
  return text.includes("```");
}

/** JSR counts whole points. */
function symbolPoints(modules: readonly JsrModule[]): number {
  const all = sum(modules.map((it) => it.symbols));
  const documented = sum(modules.map((it) => it.documentedSymbols));
  const part = all === 0 ? 1 : documented / all;
  return Math.floor(Math.min(part / DOCUMENTED_ENOUGH, 1) * SYMBOL_POINTS);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, it) => all + it, 0);
}

/** Says what is wrong with the package; the points when there are too few. */
export async function checkJsrScore(): Promise<readonly string[]> {
  const published = await runDeno(["publish", "--dry-run", "--allow-dirty"]);
  if (!published.ok) return [outputOf(published)];
  const points = jsrPoints(await readEvidence());
  const total = sum(points.map((it) => it.points));
  return total >= JSR_POINTS_MIN ? [] : pointLines(points);
}

/** Reads what the points follow from; the package passed its dry run. */
async function readEvidence(): Promise<JsrEvidence> {
  const config = JSON.parse(await read("deno.json"));
  const isPublished = config.publish.include.includes("README.md");
  return {
    readme: isPublished ? await read("README.md") : "",
    modules: await readModules(Object.values<string>(config.exports)),
    // Without a flag the dry run refuses slow types.
    hasFastTypes: true,
    hasProvenance: provesOrigin(await read(".github/workflows/release.yml")),
    settings: JSON.parse(await read(".dev/jsr_settings.json")),
  };
}

function read(path: string): Promise<string> {
  return Deno.readTextFile(ROOT + path);
}

/** The parts that are read of what `deno doc --json` prints. */
interface DocModule {
  readonly module_doc?: { readonly doc?: string };
  readonly symbols: readonly {
    readonly declarations: readonly {
      readonly declarationKind: string;
      readonly jsDoc?: object;
    }[];
  }[];
}

async function readModules(
  paths: readonly string[],
): Promise<readonly JsrModule[]> {
  const printed = await runDeno(["doc", "--json", ...paths]);
  if (!printed.ok) throw new Error(outputOf(printed));
  const { nodes }: { readonly nodes: Readonly<Record<string, DocModule>> } =
    JSON.parse(printed.stdout);
  return paths.map((path) => {
    const name = path.replace("./", "/");
    const found = Object.entries(nodes).find(([url]) => url.endsWith(name));
    if (found === undefined) throw new Error(`No documentation of ${path}`);
    return moduleOf(found[1]);
  });
}

function moduleOf({ module_doc, symbols }: DocModule): JsrModule {
  const shown = symbols.flatMap((it) => it.declarations)
    .filter((it) => it.declarationKind !== "private");
  return {
    doc: module_doc?.doc ?? "",
    symbols: shown.length,
    documentedSymbols:
      shown.filter((it) => Object.keys(it.jsDoc ?? {}).length > 0).length,
  };
}

/** The parts that are read of a workflow of GitHub. */
interface ReleaseWorkflow {
  readonly jobs: Readonly<
    Record<string, {
      readonly permissions?: Readonly<Record<string, string>>;
      readonly steps?: readonly { readonly run?: string }[];
    }>
  >;
}

/**
 * Says whether a workflow publishes to JSR with a proof of its origin: by the
 * token that GitHub gives the job, and taking neither it nor types back.
 */
export function provesOrigin(workflow: string): boolean {
  const { jobs }: ReleaseWorkflow = parse(workflow);
  return Object.values(jobs).some(({ permissions, steps = [] }) =>
    permissions?.["id-token"] === "write" &&
    steps.some(({ run = "" }) =>
      /^deno publish\b/m.test(run) &&
      !/--no-provenance|--allow-slow-types|--token/.test(run)
    )
  );
}

/** Writes the points, one line for each thing. */
export function pointLines(points: readonly JsrPoints[]): readonly string[] {
  const lines = points.map((it) => {
    const where = it.isSetting
      ? "  (set on jsr.io, see jsr_settings.json)"
      : "";
    const given = `${it.points}/${it.pointsMax}`;
    return `${given}  ${it.name.padEnd(32)}${where}`.trimEnd();
  });
  const total = sum(points.map((it) => it.points));
  const all = sum(points.map((it) => it.pointsMax));
  const percent = Math.min(Math.floor(total * 100 / JSR_POINTS_MIN), 100);
  const here = sum(
    points.filter((it) => !it.isSetting).map((it) => it.points),
  );
  return [
    ...lines,
    `${total} of ${all} points, ${percent} %; ${here} of them follow from what is here`,
  ];
}

if (import.meta.main) {
  const problems = await checkJsrScore();
  const lines = problems.length > 0
    ? problems
    : pointLines(jsrPoints(await readEvidence()));
  console.log(lines.join("\n"));
  if (problems.length > 0) Deno.exit(1);
}
