/**
 * Skills as a model sees them: a line each in its instructions, and two tools,
 * by which it loads what they say and reads their files when it needs them.
 *
 * @module
 */

import { qualifiedName } from "../mcp/names.ts";
import type { Command } from "../model/durable.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import type { PlannedSkill } from "./plan.ts";
import type { AgentTool } from "./tool.ts";
import type { TurnToolCall } from "./turn.ts";

/** What the tools of skills are grouped under. */
export const SKILL_SERVER = "skill";
/** The tool that gives what SKILL.md says. */
export const LOAD_TOOL = "load";
/** The tool that gives a file. */
export const READ_TOOL = "read";

/** A call of one of the tools, with the skills that it may be about. */
export interface SkillRequest {
  readonly tool: string;
  readonly arguments: JsonObject;
  readonly skills: readonly LoadableSkill[];
}

/** A skill at the content that its run has pinned. */
export type LoadableSkill = Pick<PlannedSkill, "name" | "contentHash">;

/** Says in the instructions of an agent which skills there are; may be empty. */
export function skillsInstruction(skills: readonly PlannedSkill[]): string {
  if (skills.length === 0) return "";
  const lines = skills.map(({ name, description }) =>
    `- ${name}: ${description.replaceAll(/\s+/g, " ").trim()}`
  );
  return [
    "You have skills: instructions and files for certain kinds of work. When " +
    "one fits what you are asked, load it with the tool skill_load before you " +
    "begin, and follow it. Skills:",
    ...lines,
  ].join("\n");
}

/**
 * Makes the tools of skills.
 *
 * @param taken The names of tools so far; the new ones are added.
 */
export function toolsOfSkills(
  names: readonly string[],
  taken: Set<string>,
): readonly AgentTool[] {
  if (names.length === 0) return [];
  const name = {
    type: "string",
    enum: names,
    description: "The skill",
  };
  return [
    {
      ...common(LOAD_TOOL, taken),
      description: "Load a skill: gives its instructions and lists its files.",
      inputSchema: {
        type: "object",
        properties: { name },
        required: ["name"],
      },
    },
    {
      ...common(READ_TOOL, taken),
      description: "Read a file of a skill, a page at a time.",
      inputSchema: {
        type: "object",
        properties: {
          name,
          path: {
            type: "string",
            description: "The file, as skill_load lists it",
          },
          offset: {
            type: "integer",
            minimum: 0,
            description: "The character to begin at; the page before says it",
          },
        },
        required: ["name", "path"],
      },
    },
  ];
}

function common(
  tool: string,
  taken: Set<string>,
): Omit<AgentTool, "description" | "inputSchema"> {
  return {
    kind: "skill",
    name: qualifiedName(SKILL_SERVER, tool, taken),
    repeatable: true,
    effect: "read",
    server: SKILL_SERVER,
    tool,
  };
}

/** Gives the command for a call of one of the tools. */
export function skillCommand(
  call: TurnToolCall,
  { path, leftMs, skills }: {
    readonly path: string;
    readonly leftMs: number;
    readonly skills: readonly PlannedSkill[];
  },
): Extract<Command, { kind: "run" }> {
  const input: JsonObject = {
    tool: call.tool,
    arguments: call.arguments,
    skills: skills.map(({ name, contentHash }) => ({ name, contentHash })),
  };
  return {
    kind: "run",
    path,
    name: call.name,
    attempt: 1,
    request: { activity: "skill", input, announced: true, timeoutMs: leftMs },
  };
}

/** Reads what {@linkcode skillCommand} wrote. */
export function skillRequestFromJson(json: Json): SkillRequest {
  const object = isJsonObject(json) ? json : {};
  const args = member(object, "arguments");
  const skills = member(object, "skills");
  return {
    tool: String(member(object, "tool") ?? ""),
    arguments: isJsonObject(args) ? args : {},
    skills: (isJsonArray(skills) ? skills : []).filter(isJsonObject)
      .map((it) => ({
        name: String(member(it, "name") ?? ""),
        contentHash: String(member(it, "contentHash") ?? ""),
      })),
  };
}
