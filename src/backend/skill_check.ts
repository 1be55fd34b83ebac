/**
 * Checks a skill that is pushed: its metadata, description and files.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type PushSkillRequest,
  ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { EnvironmentSchema } from "../../gen/stigmer/backend/v1/environment_pb.ts";
import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import { readDraft } from "./resource_draft.ts";

/** Files of one skill at the most. */
const FILES_MAX = 1000;
/** Bytes of one file of a skill at the most. */
const FILE_SIZE_BYTES_MAX = 1024 * 1024;
/** Bytes of all files of a skill at the most. */
const SKILL_SIZE_BYTES_MAX = 16 * 1024 * 1024;
/** Characters of a path within a skill at the most. */
const PATH_LENGTH_MAX = 255;
/** Characters of a skill's description at the most. */
const DESCRIPTION_LENGTH_MAX = 1024;
/** The file that every skill has. */
const MAIN_FILE = "SKILL.md";

/** Says everything that is wrong with a skill. */
export function checkSkill(request: PushSkillRequest): readonly Diagnostic[] {
  return [
    ...checkMetadata(request),
    ...checkDescription(request.spec?.description ?? ""),
    ...checkFiles(request.files),
  ];
}

/** Its metadata obeys the rules of an environment, which has no others. */
function checkMetadata({ metadata }: PushSkillRequest): readonly Diagnostic[] {
  if (metadata === undefined || metadata.name === "") {
    return [error("/metadata/name", "The skill has no name, add one")];
  }
  const value = create(EnvironmentSchema, { metadata });
  return readDraft(
    create(ResourceSchema, { resource: { case: "environment", value } }),
  ).diagnostics;
}

function checkDescription(description: string): Diagnostic[] {
  const pointer = "/spec/description";
  if (description === "") {
    return [error(pointer, "The skill has no description: say when to use it")];
  }
  if (description.length <= DESCRIPTION_LENGTH_MAX) return [];
  return [error(
    pointer,
    `A description may have ${DESCRIPTION_LENGTH_MAX} characters, ` +
      `this has ${description.length}`,
  )];
}

function checkFiles(files: PushSkillRequest["files"]): Diagnostic[] {
  if (files.length > FILES_MAX) {
    return [error(
      "/files",
      `A skill may have ${FILES_MAX} files, this has ${files.length}`,
    )];
  }
  const found = files.flatMap((file, i) => {
    const pointer = pointerTo("/files", i);
    const problem = pathProblem(file.path) ??
      (file.content.length > FILE_SIZE_BYTES_MAX
        ? `"${file.path}" has more than 1 MiB`
        : undefined);
    return problem === undefined ? [] : [error(pointer, problem)];
  });
  const paths = files.map((it) => it.path);
  const sizeBytes = files.reduce((sum, it) => sum + it.content.length, 0);
  const twice = paths.find((path, i) => paths.indexOf(path) < i);
  if (sizeBytes > SKILL_SIZE_BYTES_MAX) {
    found.push(error("/files", "The files have more than 16 MiB in all"));
  }
  if (twice !== undefined) {
    found.push(error("/files", `The file "${twice}" is given twice`));
  }
  if (!paths.includes(MAIN_FILE)) {
    found.push(error("/files", `The file "${MAIN_FILE}" is missing`));
  }
  return found;
}

/** Says why a path may not be one within a skill's folder. */
function pathProblem(path: string): string | undefined {
  const parts = path.split("/");
  const isClean = path !== "" && path.length <= PATH_LENGTH_MAX &&
    !/[\\\p{Cc}]|^[A-Za-z]:/u.test(path) &&
    parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (isClean) return undefined;
  return `"${path}" is no path below the skill's folder`;
}

function error(pointer: string, message: string): Diagnostic {
  return { severity: "error", pointer, message };
}
