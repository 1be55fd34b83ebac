/**
 * Reads the feature files of the specification's conformance kit: the part of
 * Gherkin that they use (features, scenarios, steps, texts in `"""`).
 *
 * @module
 */

/** One scenario: its steps in order. */
export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** One step. */
export interface Step {
  /** Without its keyword. */
  readonly text: string;
  /** The text between `"""` that follows it. */
  readonly document: string | undefined;
  readonly line: number;
}

/** A feature file. */
export interface Feature {
  readonly name: string;
  readonly scenarios: readonly Scenario[];
}

const STEP_REGEXP = /^\s*(?:Given|When|Then|And|But)\s+(.+?)\s*$/;
const QUOTES_REGEXP = /^(\s*)"""\w*\s*$/;
const LINES_MAX = 10_000;

/**
 * Reads a feature file.
 *
 * @throws {Error} For a line that belongs to nothing.
 */
export function parseFeature(text: string): Feature {
  const lines = text.split(/\r?\n/).slice(0, LINES_MAX);
  const scenarios: { name: string; steps: Step[] }[] = [];
  let name: string | undefined;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const feature = /^\s*Feature:\s*(.*)$/.exec(line)?.[1];
    const scenario = /^\s*Scenario:\s*(.*)$/.exec(line)?.[1];
    const step = STEP_REGEXP.exec(line)?.[1];
    const steps = scenarios.at(-1)?.steps;
    if (feature !== undefined) {
      name = feature.trim();
    } else if (scenario !== undefined) {
      scenarios.push({ name: scenario.trim(), steps: [] });
    } else if (steps !== undefined && step !== undefined) {
      const block = documentAt(lines, at + 1);
      steps.push({ text: step, document: block?.text, line: at + 1 });
      at = block?.end ?? at;
    } else if (steps !== undefined && !/^\s*(#.*)?$/.test(line)) {
      throw new Error(`Line ${at + 1} is no step: ${line.trim()}`);
    }
  }
  if (name === undefined) throw new Error("There is no feature");
  return { name, scenarios };
}

/** The text between `"""` from a line on, as far in as its quotes stand. */
function documentAt(
  lines: readonly string[],
  from: number,
): { readonly text: string; readonly end: number } | undefined {
  const indent = QUOTES_REGEXP.exec(lines[from] ?? "")?.[1];
  if (indent === undefined) return undefined;
  const end = lines.findIndex((line, i) =>
    i > from && QUOTES_REGEXP.test(line)
  );
  if (end < 0) throw new Error(`Line ${from + 1}: the text does not end`);
  const text = lines.slice(from + 1, end).map((line) =>
    line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()
  );
  return { text: text.join("\n"), end };
}
