/**
 * `read`: the text of a file, by lines.
 *
 * @module
 */

import type { FileInfo } from "../host/host.ts";
import { countedText } from "../model/usage.ts";
import {
  integerParameter,
  numberOf,
  pathParameter,
  textIn,
} from "./parameters.ts";
import { foundPlace } from "./place.ts";
import {
  readTextFile,
  TEXT_SIZE_BYTES_MAX,
  type TextFile,
} from "./text_file.ts";
import {
  done,
  type FileScene,
  type FileTool,
  refused,
  RESULT_LENGTH_MAX,
  type ToolText,
} from "./tool.ts";

/** Lines that are shown, unless the call says. */
const LINES_DEFAULT = 2000;
/** Characters of a line that are shown. */
const LINE_LENGTH_MAX = 2000;
const LINE_NUMBER_WIDTH = 6;

/** The tool. */
export const READ: FileTool = {
  name: "read",
  description: "Read a text file. Each line comes with its number and a tab " +
    "before it, which are not in the file. Read long files a part at a time, " +
    "with `offset`.",
  parameters: {
    path: pathParameter("The file", { isRequired: true }),
    offset: integerParameter("The first line to read, from 1; default 1", {
      min: 1,
      max: 100_000_000,
    }),
    limit: integerParameter(
      `How many lines to read; default ${LINES_DEFAULT}`,
      { min: 1, max: 100_000 },
    ),
  },
  effect: "read",
  repeatable: true,
  async run(args, scene) {
    const path = textIn(args, "path");
    const found = await openText(path, scene);
    if (found.kind === "wrong") return refused(found.problem);
    return page(found.file, {
      first: numberOf(args, "offset", 1),
      count: numberOf(args, "limit", LINES_DEFAULT),
    });
  },
};

/** A file of text, or why it cannot be had. */
export type OpenedText =
  | {
    readonly kind: "text";
    readonly file: TextFile;
    readonly absolute: string;
    /** What it was when it was read. */
    readonly info: FileInfo;
  }
  | { readonly kind: "wrong"; readonly problem: string };

/** Reads a file of the folder as text. */
export async function openText(
  path: string,
  scene: FileScene,
): Promise<OpenedText> {
  const place = await foundPlace(path, scene);
  if (place.kind === "wrong") return place;
  const { absolute } = place;
  const wrong = (problem: string): OpenedText => ({ kind: "wrong", problem });
  if (place.info.kind === "directory") {
    return wrong(`"${path}" is a folder: list it`);
  }
  const { bytes, info } = await scene.files.readReal(absolute, {
    lengthMax: TEXT_SIZE_BYTES_MAX + 1,
  });
  if (bytes.length > TEXT_SIZE_BYTES_MAX) {
    return wrong(
      `"${path}" has ${info.sizeBytes} bytes, more than ` +
        `${TEXT_SIZE_BYTES_MAX}: search in it`,
    );
  }
  const file = readTextFile(bytes);
  return file === undefined
    ? wrong(
      `"${path}" is no text: ${
        countedText(info.sizeBytes, "byte")
      } of something else`,
    )
    : { kind: "text", file, absolute, info };
}

function page(
  { text }: TextFile,
  { first, count }: { readonly first: number; readonly count: number },
): ToolText {
  if (text === "") return done("[the file is empty]");
  const lines = linesOf(text);
  if (first > lines.length) {
    const count = countedText(lines.length, "line");
    return refused(`The file has ${count}, none is ${first}`);
  }
  const shown: string[] = [];
  let length = 0;
  for (const line of lines.slice(first - 1, first - 1 + count)) {
    const number = String(first + shown.length).padStart(LINE_NUMBER_WIDTH);
    const written = `${number}\t${cut(line)}`;
    length += written.length + 1;
    if (length > RESULT_LENGTH_MAX && shown.length > 0) break;
    shown.push(written);
  }
  const next = first + shown.length;
  const rest = next <= lines.length
    ? `\n[lines ${first} to ${next - 1} of ${lines.length}; read on with ` +
      `offset ${next}]`
    : "";
  return done(shown.join("\n") + rest);
}

/** The lines of a text; the end of the last one begins no line. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function cut(line: string): string {
  const text = line.replace(/\r$/, "");
  return text.length <= LINE_LENGTH_MAX
    ? text
    : `${text.slice(0, LINE_LENGTH_MAX)} [${
      text.length - LINE_LENGTH_MAX
    } characters more]`;
}
