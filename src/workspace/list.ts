/**
 * `list`: what is in a folder.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import { countedText } from "../model/usage.ts";
import {
  flagParameter,
  integerParameter,
  isSet,
  numberOf,
  pathParameter,
  type Reading,
  textIn,
  textParameter,
  valueOf,
  wrong,
} from "./parameters.ts";
import { ROOT_PATH } from "./path.ts";
import { GLOB_LENGTH_MAX, pathGlob } from "./path_glob.ts";
import { foundPlace, pathWithin, realPathOf } from "./place.ts";
import {
  done,
  type FileScene,
  type FileTool,
  refused,
  RESULT_LENGTH_MAX,
  type ToolText,
} from "./tool.ts";
import { CUT_NOTICE, DEPTH_MAX, walk, type Walked } from "./walk.ts";

/** Entries that are named at the most. */
const SHOWN_MAX = 1000;
/** Levels that are gone into, unless the call says. */
const DEPTH_DEFAULT = 2;

/** A glob as an argument. */
export const globParameter = (description: string): ReturnType<
  typeof textParameter
> => textParameter(description, { lengthMax: GLOB_LENGTH_MAX, read: readGlob });

function readGlob(text: string): Reading {
  const glob: Json = text.trim();
  return pathGlob(text.trim()) === undefined
    ? wrong("it has too many choices in braces")
    : valueOf(glob);
}

/** The tool. */
export const LIST: FileTool = {
  name: "list",
  description: "List the files and folders of a folder, with the sizes of " +
    "files. Folders end in a slash. .git, node_modules and the like are " +
    "named, and gone into only when `all` is set or the path is in them.",
  parameters: {
    path: pathParameter("The folder; default is the whole workspace"),
    depth: integerParameter(
      `How many levels to go into; default ${DEPTH_DEFAULT}, with a glob all`,
      { min: 1, max: DEPTH_MAX },
    ),
    glob: globParameter(
      'Only files that fit, as "*.ts", "src/**/*.md", "{a,b}/*.json"',
    ),
    all: flagParameter("Whether to go into .git, node_modules and the like"),
  },
  effect: "read",
  repeatable: true,
  async run(args, scene) {
    const path = textIn(args, "path") || ROOT_PATH;
    const place = await foundPlace(path, scene);
    if (place.kind === "wrong") return refused(place.problem);
    if (place.info.kind !== "directory") {
      return refused(`"${path}" is a file: read it, or search in it`);
    }
    const glob = textIn(args, "glob");
    const fits = glob === "" ? undefined : pathGlob(glob);
    const notices = new Set<string>();
    const walked = walk({ path, absolute: place.absolute }, {
      scene,
      depth: numberOf(args, "depth", glob === "" ? DEPTH_DEFAULT : DEPTH_MAX),
      all: isSet(args, "all"),
      onCut: () => notices.add(CUT_NOTICE),
    });
    return await shown(walked, {
      scene,
      notices,
      fits: (it) =>
        fits === undefined || (it.kind !== "directory" && fits(it.path)),
    });
  },
};

async function shown(
  walked: AsyncIterable<Walked>,
  { fits, notices, scene }: {
    readonly fits: (entry: Walked) => boolean;
    /** What is to be said at the end. */
    readonly notices: ReadonlySet<string>;
    readonly scene: FileScene;
  },
): Promise<ToolText> {
  const lines: string[] = [];
  let length = 0;
  for await (const entry of walked) {
    if (!fits(entry)) continue;
    const line = await lineOf(entry, scene);
    length += line.length + 1;
    if (lines.length >= SHOWN_MAX || length > RESULT_LENGTH_MAX) {
      lines.push(
        `[more is there: ${lines.length} entries are shown; name a folder ` +
          "in `path`, or a `glob`]",
      );
      return done(lines.join("\n"));
    }
    lines.push(line);
  }
  if (lines.length === 0) lines.push("[nothing is there]");
  return done([...lines, ...notices].join("\n"));
}

async function lineOf(
  { path, absolute, kind, isLeftOut }: Walked,
  scene: FileScene,
): Promise<string> {
  const { files } = scene;
  switch (kind) {
    case "directory":
      return isLeftOut ? `${path}/ …` : `${path}/`;
    case "file":
      return `${path} (${
        countedText(files.stat(absolute)?.sizeBytes ?? 0, "byte")
      })`;
    case "link":
      return `${path} ${await targetOf(absolute, scene)}`;
    case "other":
      return `${path} (no file)`;
  }
}

/** Where a link leads, in words. */
async function targetOf(absolute: string, scene: FileScene): Promise<string> {
  try {
    const real = await realPathOf(absolute, scene);
    if (real === undefined) return "(a link that leads nowhere)";
    const inside = pathWithin(real, scene);
    if (inside !== undefined) return `-> ${inside}`;
  } catch {
    // What may not be looked at is outside.
  }
  return "(a link that leads out of the workspace)";
}
