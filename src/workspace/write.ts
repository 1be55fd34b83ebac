/**
 * `write`: a whole file, new or in the place of another.
 *
 * @module
 */

import { countedText } from "../model/usage.ts";
import { pathParameter, textIn, textParameter } from "./parameters.ts";
import { ROOT_PATH } from "./path.ts";
import {
  folderAbove,
  keptMode,
  type Place,
  placeOf,
  writeProblem,
} from "./place.ts";
import { linesOf } from "./read.ts";
import {
  readTextFile,
  TEXT_SIZE_BYTES_MAX,
  type TextFile,
  writeTextFile,
} from "./text_file.ts";
import { done, type FileScene, type FileTool, refused } from "./tool.ts";

/** How a new file is written. */
const NEW_FILE: Pick<TextFile, "encoding" | "lineEnd"> = {
  encoding: "utf-8",
  lineEnd: "\n",
};

/** The tool. */
export const WRITE: FileTool = {
  name: "write",
  description: "Write a whole text file; folders that are missing are made. " +
    "What is in the file before is gone: to change a part of it, use edit.",
  parameters: {
    path: pathParameter("The file", { isRequired: true }),
    content: textParameter("All that is to be in it", {
      isRequired: true,
      lengthMax: TEXT_SIZE_BYTES_MAX / 4,
    }),
  },
  effect: "write",
  repeatable: true,
  async run(args, scene) {
    const path = textIn(args, "path");
    const text = textIn(args, "content");
    const place = await placeOf(path, scene);
    if (place.kind === "wrong") return refused(place.problem);
    const { absolute, info } = place;
    if (path === ROOT_PATH || info?.kind === "directory") {
      return refused(`"${path}" is a folder`);
    }
    const problem = info === undefined ? undefined : writeProblem(path, info);
    if (problem !== undefined) return refused(problem);
    if (info === undefined) {
      scene.files.makeDirectory(folderAbove(absolute, scene));
    }
    const before = await styleOf(place, scene);
    const bytes = writeTextFile(text, before ?? NEW_FILE);
    const kept = info === undefined ? {} : keptMode(info);
    await scene.files.writeReal(absolute, bytes, kept);
    const act = info === undefined ? "Created" : "Replaced";
    const lines = countedText(linesOf(text).length, "line");
    const size = countedText(bytes.length, "byte");
    return done(`${act} ${path}: ${lines}, ${size}`);
  },
};

/**
 * How the file is written that is there: what takes its place has its mark of
 * encoding and its line ends.
 */
async function styleOf(
  { absolute, info }: Extract<Place, { kind: "place" }>,
  { files }: FileScene,
): Promise<TextFile | undefined> {
  if (info === undefined || info.sizeBytes > TEXT_SIZE_BYTES_MAX) {
    return undefined;
  }
  const { bytes } = await files.readReal(absolute, {
    lengthMax: TEXT_SIZE_BYTES_MAX,
  });
  return readTextFile(bytes);
}
