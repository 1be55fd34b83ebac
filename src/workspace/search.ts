/**
 * `search`: the lines of files that have a text, or fit a regular expression.
 *
 * A regular expression may take hours over a line. Nothing here stops it: who
 * runs this ends it when its time is over.
 *
 * @module
 */

import { messageOf } from "../model/error.ts";
import { countedText } from "../model/usage.ts";
import {
  flagParameter,
  integerParameter,
  isSet,
  numberOf,
  pathParameter,
  textIn,
  textParameter,
} from "./parameters.ts";
import { globParameter } from "./list.ts";
import { ROOT_PATH } from "./path.ts";
import { type PathFits, pathGlob } from "./path_glob.ts";
import { foundPlace } from "./place.ts";
import { linesOf } from "./read.ts";
import { looksBinary, readTextFile } from "./text_file.ts";
import {
  done,
  type FileScene,
  type FileTool,
  refused,
  RESULT_LENGTH_MAX,
} from "./tool.ts";
import { CUT_NOTICE, DEPTH_MAX, walk } from "./walk.ts";

/** Time for one search, after which what was found so far is told. */
const SEARCH_MS_MAX = 8000;
const MATCHES_DEFAULT = 100;
const MATCHES_MAX = 1000;
const CONTEXT_MAX = 10;
/** Characters of a line that are shown, and in which it is looked. */
const SHOWN_LENGTH_MAX = 300;
const LINE_LENGTH_MAX = 20_000;
/** Bytes of a file that is looked into. */
const FILE_SIZE_BYTES_MAX: number = 8 * 1024 * 1024;
const PATTERN_LENGTH_MAX = 1000;

/** The tool. */
export const SEARCH: FileTool = {
  name: "search",
  description: "Search the files of the workspace for a text, or for a " +
    "regular expression with `regex`. Gives `path:line: text` for each line " +
    "that fits. .git, node_modules, binary and very large files are left out.",
  parameters: {
    pattern: textParameter("What to search for", {
      isRequired: true,
      lengthMax: PATTERN_LENGTH_MAX,
    }),
    regex: flagParameter(
      "Whether it is a regular expression, as JavaScript has them, for a line",
    ),
    ignoreCase: flagParameter("Whether capitals do not count"),
    path: pathParameter("The folder or file to search; default is everything"),
    glob: globParameter('Only files that fit, as "*.ts", "src/**/*.md"'),
    context: integerParameter(
      "Lines to show before and after each; default 0",
      {
        min: 0,
        max: CONTEXT_MAX,
      },
    ),
    maxResults: integerParameter(
      `Lines to find at the most; default ${MATCHES_DEFAULT}`,
      { min: 1, max: MATCHES_MAX },
    ),
    filesOnly: flagParameter("Whether to give only the paths of files"),
  },
  effect: "read",
  repeatable: true,
  async run(args, scene) {
    const path = textIn(args, "path") || ROOT_PATH;
    const matcher = matcherOf(args, scene);
    if (typeof matcher === "string") return refused(matcher);
    const place = await foundPlace(path, scene);
    if (place.kind === "wrong") return refused(place.problem);
    const glob = textIn(args, "glob");
    const found = new Found({
      countMax: numberOf(args, "maxResults", MATCHES_DEFAULT),
      context: numberOf(args, "context", 0),
      filesOnly: isSet(args, "filesOnly"),
      endsAt: scene.monotonic() + SEARCH_MS_MAX,
    });
    const start = { path, absolute: place.absolute };
    const files = place.info.kind === "directory"
      ? filesUnder(start, {
        scene,
        fits: pathGlob(glob || "**"),
        onCut: () => found.isCut = true,
      })
      : [start];
    for await (const file of files) {
      if (!scene.mayRead(file.path)) {
        found.denied++;
        continue;
      }
      const text = await textOf(file.absolute, scene);
      if (text === undefined) found.skipped++;
      else found.look(file.path, linesOf(text), matcher);
      if (found.isOver(scene.monotonic())) break;
    }
    return done(found.text());
  },
};

type Matcher = (line: string) => boolean;

function matcherOf(
  args: Parameters<FileTool["run"]>[0],
  { isEnded }: FileScene,
): Matcher | string {
  const pattern = textIn(args, "pattern");
  const ignoreCase = isSet(args, "ignoreCase");
  if (pattern === "") return "The pattern is empty";
  if (!isSet(args, "regex")) {
    const wanted = ignoreCase ? pattern.toLowerCase() : pattern;
    return (line) => (ignoreCase ? line.toLowerCase() : line).includes(wanted);
  }
  if (!isEnded && (pattern.match(/[*+?{|(]/g)?.length ?? 0) > 1) {
    return "Here a regular expression may have one repetition or choice: " +
      "search for a text";
  }
  const regexp = regexpOf(pattern, ignoreCase);
  return typeof regexp === "string" ? regexp : (line) => regexp.test(line);
}

function regexpOf(pattern: string, ignoreCase: boolean): RegExp | string {
  const flags = ignoreCase ? "i" : "";
  try {
    return new RegExp(pattern, `${flags}u`);
  } catch {
    try {
      // Without `u` escapes that mean nothing are allowed.
      return new RegExp(pattern, flags);
    } catch (error) {
      return `It is no regular expression: ${messageOf(error)}`;
    }
  }
}

async function* filesUnder(
  start: { readonly path: string; readonly absolute: string },
  { scene, fits, onCut }: {
    readonly scene: FileScene;
    readonly fits: PathFits | undefined;
    readonly onCut: () => void;
  },
): AsyncGenerator<{ readonly path: string; readonly absolute: string }> {
  for await (const entry of walk(start, { scene, depth: DEPTH_MAX, onCut })) {
    if (entry.kind === "file" && fits?.(entry.path) !== false) yield entry;
  }
}

/** The text of a file; `undefined` where it is none, or too long. */
async function textOf(
  absolute: string,
  { files }: FileScene,
): Promise<string | undefined> {
  try {
    const { bytes } = await files.readReal(absolute, {
      lengthMax: FILE_SIZE_BYTES_MAX + 1,
    });
    if (bytes.length > FILE_SIZE_BYTES_MAX || looksBinary(bytes)) {
      return undefined;
    }
    return readTextFile(bytes)?.text;
  } catch {
    // It went away, or may not be read.
    return undefined;
  }
}

interface FoundOptions {
  readonly countMax: number;
  readonly context: number;
  readonly filesOnly: boolean;
  readonly endsAt: number;
}

/** What was found so far. */
class Found {
  skipped = 0;
  denied = 0;
  isCut = false;
  readonly #options: FoundOptions;
  readonly #lines: string[] = [];
  #count = 0;
  #length = 0;
  #end = "";

  constructor(options: FoundOptions) {
    this.#options = options;
  }

  /** Looks through the lines of a file. */
  look(path: string, lines: readonly string[], matches: Matcher): void {
    const { countMax, context, filesOnly } = this.#options;
    let shownTo = 0;
    for (const [i, line] of lines.entries()) {
      if (!matches(line.slice(0, LINE_LENGTH_MAX))) continue;
      if (this.#count >= countMax || this.#length > RESULT_LENGTH_MAX) {
        this.#end = `[there is more: ${this.#count} are shown; search for ` +
          "something narrower, or in a `path` or `glob`]";
        return;
      }
      this.#count++;
      if (filesOnly) return this.#add(path);
      const from = Math.max(shownTo, i - context);
      const to = Math.min(lines.length, i + context + 1);
      if (context > 0 && from > shownTo && this.#lines.length > 0) {
        this.#add("--");
      }
      for (let at = from; at < to; at++) {
        const sign =
          at === i || matches(lines[at]?.slice(0, LINE_LENGTH_MAX) ?? "")
            ? ":"
            : "-";
        this.#add(`${path}${sign}${at + 1}${sign} ${cut(lines[at] ?? "")}`);
      }
      shownTo = to;
    }
  }

  /** Says whether it is time to stop. */
  isOver(now: number): boolean {
    if (this.#end === "" && now > this.#options.endsAt) {
      this.#end = `[it took more than ${SEARCH_MS_MAX / 1000} s: not all ` +
        "files were searched]";
    }
    return this.#end !== "";
  }

  text(): string {
    const skipped = this.skipped === 0 ? [] : [
      `[left out, as no text or too large: ${
        countedText(this.skipped, "file")
      }]`,
    ];
    const denied = this.denied === 0 ? [] : [
      `[left out, by rules for \`read\`: ${countedText(this.denied, "file")}]`,
    ];
    const none = this.#lines.length === 0 ? ["[nothing fits]"] : [];
    const end = this.#end === "" ? [] : [this.#end];
    const cut = this.isCut ? [CUT_NOTICE] : [];
    return [...this.#lines, ...none, ...end, ...cut, ...skipped, ...denied]
      .join("\n");
  }

  #add(line: string): void {
    this.#length += line.length + 1;
    this.#lines.push(line);
  }
}

function cut(line: string): string {
  const text = line.replace(/\r$/, "");
  return text.length <= SHOWN_LENGTH_MAX
    ? text
    : `${text.slice(0, SHOWN_LENGTH_MAX)} …`;
}
