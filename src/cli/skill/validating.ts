/**
 * Checks skills offline.
 *
 * @module
 */

import { SKILL_FILE } from "../../model/skill.ts";
import type { Ending } from "../command.ts";
import type { Context } from "../context.ts";
import { sizeText } from "../../model/size_text.ts";
import { showFound } from "../validating.ts";
import { type ReadSkill, readSkill } from "./reading.ts";

/** Checks the skills in some folders and archives. */
export async function validateSkills(
  context: Context,
  paths: readonly string[],
  { strict }: { readonly strict: boolean },
): Promise<Ending> {
  const { io } = context;
  const read: ReadSkill[] = [];
  for (const path of new Set(paths)) read.push(await readSkill(context, path));
  const found = read.flatMap((it) => it.diagnostics);
  const place = `${SKILL_FILE} or files`;
  if (!await showFound(context, found, { strict, place })) {
    return "INVALID_ARGUMENT";
  }
  for (const it of read) {
    if (io.format === "name") io.data(it.name);
    else if ((io.format === "table" || io.format === "wide") && !io.quiet) {
      io.data(`skill "${it.name}" is valid: ${sizeOf(it)}`);
    }
  }
  return "ok";
}

/** Says how large a skill is. */
export function sizeOf({ files, sizeBytes }: ReadSkill): string {
  const count = `${files.length} file${files.length === 1 ? "" : "s"}`;
  return `${count}, ${sizeText(sizeBytes)}`;
}
