/**
 * Regular expressions that take a time which grows with the text and with the
 * pattern, and no faster.
 *
 * The platform's matcher goes back for each way in which a pattern may fit: a
 * short one on a short text can keep it for hours. Here all ways are followed
 * at once. What cannot be followed so, as a reference back, is refused.
 *
 * @module
 */

/** Steps of a pattern at the most, its repetitions written out. */
const STEPS_MAX = 1000;
/** Groups inside each other at the most. */
const DEPTH_MAX = 50;
const ESCAPE = /^\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|c[a-zA-Z]|[^])/;
const CLASS = /^\[(?:\\[^]|[^\]\\])*\]/;
const REPEAT = /^(?:([*+?])|\{(\d+)(,(\d*))?\})\??/;

/** A pattern that can be tried, or why it cannot. */
export type LinearRegExp =
  | {
    /** Whether a whole text fits. */
    readonly fits: (text: string) => boolean;
    readonly refused?: undefined;
  }
  | { readonly fits?: undefined; readonly refused: string };

type Part =
  | { readonly kind: "one"; readonly fits: (char: string) => boolean }
  | { readonly kind: "at"; readonly holds: Condition }
  | { readonly kind: "sequence"; readonly parts: readonly Part[] }
  | { readonly kind: "choice"; readonly options: readonly Part[] }
  | {
    readonly kind: "repeat";
    readonly part: Part;
    readonly min: number;
    /** Absent means any number. */
    readonly max: number | undefined;
  };

/** Says of a place between two letters whether a pattern can go on there. */
type Condition = (text: string, at: number) => boolean;

/** What is tried at one place; the next one is the step after it. */
type Step =
  | { readonly kind: "one"; readonly fits: (char: string) => boolean }
  | { readonly kind: "at"; readonly holds: Condition }
  /** Goes on at each of these steps. */
  | { readonly kind: "to"; readonly steps: number[] }
  | { readonly kind: "end" };

/** Makes a pattern; `.` is any letter, a line break included. */
export function linearRegExp(source: string): LinearRegExp {
  const reader: Reader = { source, at: 0, depth: 0, refused: undefined };
  const part = readChoice(reader);
  if (reader.refused !== undefined) return { refused: reader.refused };
  if (sizeOf(part) > STEPS_MAX) {
    return { refused: `it repeats too much: more than ${STEPS_MAX} steps` };
  }
  const steps: Step[] = [];
  write(part, steps);
  steps.push({ kind: "end" });
  return { fits: (text) => run(steps, text) };
}

/** How far a valid pattern was read. */
interface Reader {
  readonly source: string;
  at: number;
  depth: number;
  refused: string | undefined;
}

function readChoice(reader: Reader): Part {
  const options = [readSequence(reader)];
  while (reader.source[reader.at] === "|") {
    reader.at++;
    options.push(readSequence(reader));
  }
  return options.length === 1 && options[0] !== undefined
    ? options[0]
    : { kind: "choice", options };
}

function readSequence(reader: Reader): Part {
  const parts: Part[] = [];
  const { source } = reader;
  while (reader.at < source.length && !/[|)]/.test(source[reader.at] ?? "")) {
    parts.push(readRepeats(reader, readPart(reader)));
  }
  return { kind: "sequence", parts };
}

function readRepeats(reader: Reader, part: Part): Part {
  const found = REPEAT.exec(reader.source.slice(reader.at));
  if (found === null) return part;
  const [whole, sign, least, comma, most] = found;
  reader.at += whole.length;
  if (sign !== undefined) {
    return {
      kind: "repeat",
      part,
      min: sign === "+" ? 1 : 0,
      max: sign === "?" ? 1 : undefined,
    };
  }
  const min = Number(least);
  if (comma === undefined) return { kind: "repeat", part, min, max: min };
  return { kind: "repeat", part, min, max: most ? Number(most) : undefined };
}

function readPart(reader: Reader): Part {
  const { source } = reader;
  const char = source[reader.at] ?? "";
  switch (char) {
    case "(":
      return readGroup(reader);
    case "[":
      return readAtom(reader, CLASS);
    case "\\":
      return readEscape(reader);
  }
  reader.at++;
  switch (char) {
    case ".":
      return { kind: "one", fits: () => true };
    case "^":
      return { kind: "at", holds: (_text, at) => at === 0 };
    case "$":
      return { kind: "at", holds: (text, at) => at === text.length };
    default:
      return { kind: "one", fits: (it) => it === char };
  }
}

function readGroup(reader: Reader): Part {
  const { source } = reader;
  reader.at++;
  if (source.startsWith("?:", reader.at)) reader.at += 2;
  else if (source[reader.at] === "?") {
    return refuse(reader, "it looks ahead or back, or names a group");
  }
  if (reader.depth >= DEPTH_MAX) {
    return refuse(reader, `more than ${DEPTH_MAX} groups stand in each other`);
  }
  reader.depth++;
  const part = readChoice(reader);
  reader.depth--;
  reader.at++;
  return part;
}

function readEscape(reader: Reader): Part {
  const next = reader.source[reader.at + 1] ?? "";
  if (/[\dk]/.test(next)) return refuse(reader, "it refers back to a group");
  if (next !== "b" && next !== "B") return readAtom(reader, ESCAPE);
  reader.at += 2;
  return {
    kind: "at",
    holds: (text, at) =>
      (isWord(text[at - 1]) !== isWord(text[at])) === (next === "b"),
  };
}

/** What fits one letter, as the platform reads it. */
function readAtom(reader: Reader, pattern: RegExp): Part {
  const [atom = ""] = pattern.exec(reader.source.slice(reader.at)) ?? [];
  reader.at += atom.length;
  const regexp = new RegExp(`^${atom}$`, "s");
  return { kind: "one", fits: (char) => regexp.test(char) };
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /^\w$/.test(char);
}

/** Gives up on a pattern: what is left of it is not read. */
function refuse(reader: Reader, reason: string): Part {
  reader.refused ??= reason;
  reader.at = reader.source.length;
  return { kind: "sequence", parts: [] };
}

/** How many steps a part comes to; one that has too many is not written. */
function sizeOf(part: Part): number {
  switch (part.kind) {
    case "one":
    case "at":
      return 1;
    case "sequence":
      return part.parts.reduce((sum, it) => sum + sizeOf(it), 1);
    case "choice":
      return part.options.reduce((sum, it) => sum + sizeOf(it) + 1, 1);
    case "repeat":
      return (sizeOf(part.part) + 1) * (part.max ?? part.min + 1) + 1;
  }
}

function write(part: Part, steps: Step[]): void {
  switch (part.kind) {
    case "one":
    case "at":
      steps.push(part);
      return;
    case "sequence":
      for (const it of part.parts) write(it, steps);
      return;
    case "choice":
      return writeChoice(part.options, steps);
    case "repeat":
      return writeRepeat(part, steps);
  }
}

function writeChoice(options: readonly Part[], steps: Step[]): void {
  const begins: number[] = [];
  const ends: number[][] = [];
  steps.push({ kind: "to", steps: begins });
  for (const option of options) {
    begins.push(steps.length);
    write(option, steps);
    const end: number[] = [];
    ends.push(end);
    steps.push({ kind: "to", steps: end });
  }
  for (const end of ends) end.push(steps.length);
}

function writeRepeat(
  { part, min, max }: Extract<Part, { kind: "repeat" }>,
  steps: Step[],
): void {
  for (let i = 0; i < min; i++) write(part, steps);
  const begin = steps.length;
  const skips: number[][] = [];
  for (let i = min; i < (max ?? min + 1); i++) {
    const skip = [steps.length + 1];
    skips.push(skip);
    steps.push({ kind: "to", steps: skip });
    write(part, steps);
  }
  if (max === undefined) steps.push({ kind: "to", steps: [begin] });
  for (const skip of skips) skip.push(steps.length);
}

/** Follows all ways through the steps at once. */
function run(steps: readonly Step[], text: string): boolean {
  let here = reach(steps, [0], { text, at: 0 });
  for (let at = 0; at < text.length && here.length > 0; at++) {
    const char = text[at] ?? "";
    const next = here.filter((index) => {
      const step = steps[index];
      return step?.kind === "one" && step.fits(char);
    });
    here = reach(steps, next.map((it) => it + 1), { text, at: at + 1 });
  }
  return here.some((index) => steps[index]?.kind === "end");
}

/** The steps at which something is to be read, from some on; each once. */
function reach(
  steps: readonly Step[],
  from: readonly number[],
  { text, at }: { readonly text: string; readonly at: number },
): readonly number[] {
  const seen = new Set<number>(from);
  const found: number[] = [];
  // A set that grows is walked to its end.
  for (const index of seen) {
    const step = steps[index];
    if (step?.kind === "to") { for (const it of step.steps) seen.add(it); }
    else if (step?.kind === "at") {
      if (step.holds(text, at)) seen.add(index + 1);
    } else if (step !== undefined) found.push(index);
  }
  return found;
}
