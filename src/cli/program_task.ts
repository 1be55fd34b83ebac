/**
 * Which task of a manifest that a script defined a line of its YAML belongs to:
 * what is wrong is shown where the script added that task.
 *
 * @module
 */

/** A line with a key: indent, the dash of an item, the key, its value. */
const LINE_REGEXP = /^( *)(- )?("(?:[^"\\]|\\.)*"|.+?):(?: (.*))?$/;
/** Keys below which nothing names a task. */
const DATA_KEYS: ReadonlySet<string> = new Set([
  "export",
  "input",
  "inputs",
  "metadata",
  "output",
  "set",
  "with",
]);
/** The key below which there are tasks again. */
const TASKS_KEY = "foreach";

interface Step {
  /** The key that the line is below; absent where it is beside it. */
  readonly key: string | undefined;
  /** What an item is named, if the line is in one. */
  readonly item: string | undefined;
}

/**
 * Finds the innermost task that a line is in.
 *
 * @param lines The lines of the manifest, the line itself as the last.
 * @param isTask Whether a name is that of a task.
 */
export function taskAtEnd(
  lines: readonly string[],
  isTask: (name: string) => boolean,
): string | undefined {
  let found: string | undefined;
  let isData = false;
  for (const { key, item } of stepsTo(lines)) {
    if (item !== undefined) {
      if (!isData && isTask(item)) found = item;
    } else if (key !== undefined) {
      isData = key !== TASKS_KEY && (isData || DATA_KEYS.has(key));
    }
  }
  return found;
}

/** What the last of some lines is below, from the outside to the inside. */
function stepsTo(lines: readonly string[]): readonly Step[] {
  const steps: Step[] = [];
  let indent = Infinity;
  for (const line of lines.toReversed()) {
    const [, space = "", dash = "", written = "", value = ""] =
      LINE_REGEXP.exec(line) ?? [];
    if (written === "" || space.length >= indent) continue;
    const key = unquoted(written);
    const isBelow = space.length + dash.length < indent;
    steps.push({
      key: isBelow ? key : undefined,
      item: dash === "" ? undefined : nameOf(key, unquoted(value)),
    });
    indent = space.length;
  }
  return steps.reverse();
}

/** In a list a task is named by its key; in a graph, the name is a value. */
function nameOf(key: string, value: string): string {
  return key === "name" && value !== "" ? value : key;
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
