/**
 * `edit`: replaces parts of a file, each of which must be found exactly once.
 *
 * @module
 */

import type { FileInfo } from "../host/host.ts";
import { isJsonArray, isJsonObject, type Json, member } from "../model/json.ts";
import {
  flagParameter,
  isSet,
  listParameter,
  mistyped,
  pathParameter,
  type Reading,
  textIn,
  textParameter,
  valueOf,
  wrong,
} from "./parameters.ts";
import { keptMode, writeProblem } from "./place.ts";
import { openText } from "./read.ts";
import {
  TEXT_SIZE_BYTES_MAX,
  type TextFile,
  writeTextFile,
} from "./text_file.ts";
import { done, type FileTool, refused } from "./tool.ts";

/** Replacements of one call at the most. */
const EDITS_MAX = 100;
/** Places that an error names. */
const PLACES_SHOWN_MAX = 5;

interface Edit {
  readonly oldText: string;
  readonly newText: string;
  readonly replaceAll: boolean;
}

const EDIT_SCHEMA = {
  type: "object",
  properties: {
    oldText: { type: "string" },
    newText: { type: "string" },
    replaceAll: { type: "boolean" },
  },
  required: ["oldText", "newText"],
};

/** The tool. */
export const EDIT: FileTool = {
  name: "edit",
  description: "Replace parts of a text file. `oldText` must be in the file " +
    "exactly once, letter for letter, without line numbers; take in the lines " +
    "around it where it is not, or set `replaceAll`. Give several in `edits`: " +
    "they are made one after the other, all or none.",
  parameters: {
    path: pathParameter("The file", { isRequired: true }),
    oldText: textParameter("What is to be replaced"),
    newText: textParameter("What takes its place; empty removes it"),
    replaceAll: flagParameter("Whether to replace it wherever it is"),
    edits: listParameter("Several replacements, in place of the above", {
      items: EDIT_SCHEMA,
      countMax: EDITS_MAX,
      read: readEdit,
    }),
  },
  effect: "write",
  repeatable: false,
  async run(args, scene) {
    const path = textIn(args, "path");
    const edits = editsOf(args);
    if (edits.length === 0) {
      return refused("Nothing is to be replaced: give `oldText` and `newText`");
    }
    const found = await openText(path, scene);
    if (found.kind === "wrong") return refused(found.problem);
    const { file, absolute, info } = found;
    const problem = writeProblem(path, info);
    if (problem !== undefined) return refused(problem);
    const made = applyEdits(file, edits);
    if (made.kind === "wrong") {
      return refused(`${path} is unchanged: ${made.problem}`);
    }
    const bytes = writeTextFile(made.text, file);
    if (!isSame(scene.files.stat(absolute), info)) {
      return refused(
        `${path} was changed meanwhile: read it, and edit it then`,
      );
    }
    await scene.files.writeReal(absolute, bytes, keptMode(info));
    return done(`Edited ${path}: ${made.places.join("; ")}`);
  },
};

/** Says whether a file is as it was, as far as its entry tells. */
function isSame(now: FileInfo | undefined, then: FileInfo): boolean {
  return now !== undefined && now.fileId === then.fileId &&
    now.sizeBytes === then.sizeBytes && now.modifiedAtMs === then.modifiedAtMs;
}

function readEdit(item: Json): Reading {
  if (!isJsonObject(item)) return mistyped("an object", item);
  const oldText = member(item, "oldText");
  const newText = member(item, "newText");
  if (typeof oldText !== "string" || typeof newText !== "string") {
    return wrong("it needs `oldText` and `newText`, both texts");
  }
  const replaceAll = member(item, "replaceAll") === true;
  return valueOf({ oldText, newText, ...(replaceAll ? { replaceAll } : {}) });
}

function editsOf(args: Parameters<FileTool["run"]>[0]): readonly Edit[] {
  const edits = member(args, "edits");
  const several = isJsonArray(edits) ? edits.filter(isJsonObject) : [];
  const single = member(args, "oldText") === undefined ? [] : [args];
  return [...single, ...several].map((it) => ({
    oldText: textIn(it, "oldText"),
    newText: textIn(it, "newText"),
    replaceAll: isSet(it, "replaceAll"),
  }));
}

type Edited =
  | {
    readonly kind: "text";
    readonly text: string;
    readonly places: readonly string[];
  }
  | { readonly kind: "wrong"; readonly problem: string };

/** Makes all replacements, one after the other, or none. */
function applyEdits(
  { text: before, lineEnd }: TextFile,
  edits: readonly Edit[],
): Edited {
  let text = before;
  const places: string[] = [];
  for (const [i, edit] of edits.entries()) {
    // A model sees no line ends, and writes its own.
    const oldText = lineEnd === "\r\n"
      ? edit.oldText.replaceAll("\r\n", "\n")
      : edit.oldText;
    const newText = lineEnd === "\r\n"
      ? edit.newText.replaceAll("\r\n", "\n")
      : edit.newText;
    const found = matchesOf(text, oldText);
    const problem = problemOf({ ...edit, oldText, newText }, { found, text });
    if (problem !== undefined) {
      const which = edits.length === 1 ? "" : `edit ${i + 1}: `;
      return { kind: "wrong", problem: which + problem };
    }
    const line = lineAt(text, found[0] ?? 0);
    places.push(
      found.length === 1
        ? `1 replacement, line ${line}`
        : `${found.length} replacements, from line ${line} on`,
    );
    text = text.split(oldText).join(newText);
  }
  return { kind: "text", text, places };
}

function problemOf(
  { oldText, newText, replaceAll }: Edit,
  { found, text }: { readonly found: readonly number[]; readonly text: string },
): string | undefined {
  if (oldText === "") return "`oldText` is empty";
  if (oldText === newText) return "`oldText` and `newText` are the same";
  if (found.length === 0) {
    return `\`oldText\` is not in it${nearMiss(text, oldText)}`;
  }
  const length = text.length +
    found.length * (newText.length - oldText.length);
  if (length > TEXT_SIZE_BYTES_MAX) {
    return `it would have ${length} characters, and may have ` +
      `${TEXT_SIZE_BYTES_MAX}`;
  }
  if (found.length === 1 || replaceAll) return undefined;
  const lines = found.slice(0, PLACES_SHOWN_MAX).map((at) => lineAt(text, at));
  const more = found.length > PLACES_SHOWN_MAX ? " …" : "";
  return `\`oldText\` is in it ${found.length} times, at lines ` +
    `${lines.join(", ")}${more}: take in more around it, or set \`replaceAll\``;
}

/** Says what is there in other spaces, which is the commonest slip. */
function nearMiss(text: string, oldText: string): string {
  const first = oldText.split("\n").map((it) => it.trim()).find((it) =>
    it !== ""
  );
  if (first === undefined) return "";
  const lines = text.split("\n");
  const at = lines.findIndex((line) => line.trim() === first);
  return at < 0
    ? ": read the file as it is now"
    : `: line ${at + 1} begins like it, look at its spaces and line ends`;
}

/** Where a part begins; those that overlap count once. */
function matchesOf(text: string, part: string): readonly number[] {
  const found: number[] = [];
  if (part === "") return found;
  for (
    let at = text.indexOf(part);
    at >= 0;
    at = text.indexOf(part, at + part.length)
  ) found.push(at);
  return found;
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}
