/**
 * Shows a skill, one of its files, or writes its folder out.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type Skill,
  type SkillFile,
  SkillSchema,
} from "../../../gen/stigmer/backend/v1/skill_pb.ts";
import { invalidArgument, notFound, StigmerError } from "../../model/error.ts";
import { didYouMean } from "../../model/near.ts";
import { skillPathClash, skillPathProblem } from "../../model/skill.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { sizeText } from "../../model/size_text.ts";
import { absolutePath, joinPath } from "../path.ts";
import { showOne, type View } from "../view.ts";
import { SKILL_VIEW } from "./resource.ts";

/** Shows a skill. */
export async function getSkill(
  context: Context,
  name: string,
  options: {
    readonly file: string | undefined;
    readonly to: string | undefined;
  },
): Promise<Ending> {
  if (options.file !== undefined && options.to !== undefined) {
    throw invalidArgument('Give "--file" or "--to", not both');
  }
  await using backend = await openFor(context);
  const { signal } = context;
  const answer = await backend.client.getSkill({ name }, { signal });
  const { skill, files } = answer;
  if (skill === undefined) throw notFound("skill", name);
  if (options.file !== undefined) {
    context.io.raw(fileOf(name, files, options.file));
  } else if (options.to !== undefined) {
    await writeOut(context, { skill, files, folder: options.to });
  } else await showOne(context, viewWith(files), skill);
  return "ok";
}

function fileOf(
  name: string,
  files: readonly SkillFile[],
  path: string,
): Uint8Array<ArrayBuffer> {
  const plain = path.replace(/^(?:\.\/)+/, "");
  const file = files.find((it) => it.path === plain);
  if (file !== undefined) return file.content.slice();
  const { hint } = didYouMean(plain, files.map((it) => it.path));
  throw new StigmerError(
    "NOT_FOUND",
    `Skill "${name}" has no file "${path}"`,
    { hints: [hint ?? `List them with "stigmer skill get ${name}"`] },
  );
}

/** The view of a skill together with its files. */
function viewWith(files: readonly SkillFile[]): View<Skill> {
  const lines = files.map((it) => `${it.path}  ${sizeText(it.content.length)}`);
  return {
    ...SKILL_VIEW,
    json: (it) => ({
      ...Object(toJson(SkillSchema, it)),
      files: files.map(({ path, content }) => ({
        path,
        sizeBytes: content.length,
      })),
    }),
    describe: (it, nowMs) => [
      ...SKILL_VIEW.describe(it, nowMs),
      ["Content", lines.join("\n")],
    ],
  };
}

/** Writes a skill out as a folder of its name; never over what is there. */
async function writeOut(
  context: Context,
  { skill, files, folder }: {
    readonly skill: Skill;
    readonly files: readonly SkillFile[];
    readonly folder: string;
  },
): Promise<void> {
  const { host, io } = context;
  const name = skill.metadata?.name ?? "";
  refusePaths(name, files);
  const target = joinPath(host, absolutePath(host, folder), name);
  const { writeFolder } = await import("./write_folder.ts");
  await writeFolder(
    host,
    target,
    files.map(({ path, content }) => ({ path, content: content.slice() })),
  );
  if (io.format === "name") io.data(target);
  else io.note(`Wrote "${target}"`);
}

/** Whoever keeps a skill may be another server, which is not believed. */
function refusePaths(name: string, files: readonly SkillFile[]): void {
  const paths = files.map((it) => it.path);
  const problem = skillPathProblem(name) ??
    (name.includes("/") ? `"${name}" is no name of a folder` : undefined) ??
    paths.map(skillPathProblem).find((it) => it !== undefined);
  const clash = skillPathClash(paths);
  if (problem === undefined && clash === undefined) return;
  throw new StigmerError(
    "DATA_LOSS",
    `Cannot write skill "${name}": ${
      problem ?? `"${clash?.join('" and "')}" are one file`
    }`,
  );
}
