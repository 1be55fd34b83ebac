/**
 * The score that JSR gives the package, computed before it is published.
 *
 * 15 points follow from what is here. Three are settings on jsr.io, which no
 * file of a package carries and which cannot be read from here: they are
 * counted as jsr_settings.json says that they are to be set, and told apart.
 *
 * `deno run -A .dev/jsr_score.ts` prints the points.
 *
 * @module
 */

import { parse } from "yaml";
import { outputOf, ROOT, runDeno } from "./command.ts";
import {
  JSR_POINTS_MIN,
  type JsrEvidence,
  type JsrModule,
  jsrPoints,
  pointLines,
  pointsOf,
} from "./jsr_points.ts";

/** Says what is wrong with the package; the points when there are too few. */
export async function checkJsrScore(): Promise<readonly string[]> {
  const published = await runDeno(["publish", "--dry-run", "--allow-dirty"]);
  if (!published.ok) return [outputOf(published)];
  const points = jsrPoints(await readEvidence());
  return pointsOf(points) >= JSR_POINTS_MIN ? [] : pointLines(points);
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

if (import.meta.main) {
  const problems = await checkJsrScore();
  const lines = problems.length > 0
    ? problems
    : pointLines(jsrPoints(await readEvidence()));
  console.log(lines.join("\n"));
  if (problems.length > 0) Deno.exit(1);
}
