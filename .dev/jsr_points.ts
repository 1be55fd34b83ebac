/**
 * The points that JSR gives a package, by its own source (`ApiPackageScore` in
 * api/src/api/types.rs of jsr-io/jsr): 18 of them, of which 17 are already
 * 100 %.
 *
 * @module
 */

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

/** All points together. */
export function pointsOf(points: readonly JsrPoints[]): number {
  return sum(points.map((it) => it.points));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, it) => all + it, 0);
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
  const total = pointsOf(points);
  const all = sum(points.map((it) => it.pointsMax));
  const percent = Math.min(Math.floor(total * 100 / JSR_POINTS_MIN), 100);
  const here = pointsOf(points.filter((it) => !it.isSetting));
  return [
    ...lines,
    `${total} of ${all} points, ${percent} %; ${here} of them follow from what is here`,
  ];
}
