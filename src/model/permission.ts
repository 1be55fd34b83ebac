/**
 * Which tool calls are made, asked about or refused.
 *
 * A rule is a glob over `server:tool`, with conditions on arguments after it:
 * `github:create_*`, `shell:cmd=git push*`. A bare word means all tools of a
 * server, or the workspace tool of that name.
 *
 * @module
 */

import { isJsonArray, type Json, type JsonObject, member } from "./json.ts";
import { matchesGlob } from "./tool_glob.ts";

/** What a tool does to the world, as far as its server says. */
export type ToolEffect = "read" | "write" | "destructive" | "unknown";

const EFFECTS: readonly ToolEffect[] = [
  "read",
  "write",
  "destructive",
  "unknown",
];

/** Reads an effect; what says nothing may do anything. */
export function toolEffect(value: Json | undefined): ToolEffect {
  return EFFECTS.find((it) => it === value) ?? "unknown";
}

/** What built-in tools are grouped under, as others are under their server. */
export const WORKSPACE_SERVER = "workspace";

/** The rules of one agent. */
export interface ToolRules {
  readonly allow: readonly string[];
  readonly ask: readonly string[];
  readonly deny: readonly string[];
}

/** An agent that holds a call to its rules. */
export interface RuleLayer {
  /** The agent's name, for messages to people. */
  readonly agent: string;
  readonly rules: ToolRules;
}

/** A call to be judged. */
export interface JudgedCall {
  readonly server: string;
  /** The tool's own name there. */
  readonly tool: string;
  readonly arguments: JsonObject;
  readonly effect: ToolEffect;
}

/** What becomes of a call. */
export type Decision = "allow" | "ask" | "deny";

/** What becomes of a call, and why. */
export interface Verdict {
  readonly decision: Decision;
  /** The rule that decided, in words: `deny shell:cmd=rm* of agent "bot"`. */
  readonly rule: string;
}

/** From the strictest to the mildest. */
const STRICTNESS: readonly Decision[] = ["deny", "ask", "allow"];

/** A rule, taken apart. */
export interface ToolRule {
  /** Pattern of the server's name, or of the bare word. */
  readonly server: string;
  /** Pattern of the tool's name; absent for a bare word. */
  readonly tool?: string;
  readonly conditions: readonly ArgumentCondition[];
}

/** What an argument must look like. */
export interface ArgumentCondition {
  /** Its name; `a.b` is `b` in `a`. */
  readonly name: string;
  readonly glob: string;
}

const RULE = /^([^:=]+)(?::([^:=]+))?((?::[A-Za-z_][\w.-]*=[^]*)?)$/;
const CONDITION = /:([A-Za-z_][\w.-]*)=/g;
/** A part of a path that leads out of where it seems to be. */
const PARENT_PART = /(?:^|[\\/])\.\.(?:[\\/]|$)/;

/** Takes a rule apart; `undefined` for what is none. */
export function parseToolRule(text: string): ToolRule | undefined {
  const match = RULE.exec(text.trim());
  const server = match?.[1]?.trim();
  if (match === null || !server) return undefined;
  const [, , tool, rest = ""] = match;
  return {
    server,
    ...(tool === undefined ? {} : { tool: tool.trim() }),
    conditions: conditionsOf(rest),
  };
}

/** Conditions begin with `:name=`; a value may have colons in it. */
function conditionsOf(text: string): readonly ArgumentCondition[] {
  const starts = [...text.matchAll(CONDITION)];
  return starts.map((start, i) => ({
    name: start[1] ?? "",
    glob: text.slice(
      start.index + start[0].length,
      starts[i + 1]?.index ?? text.length,
    ),
  }));
}

/** Judges a call by all who hold it to their rules: the strictest counts. */
export function judgeCall(
  call: JudgedCall,
  layers: readonly RuleLayer[],
): Verdict {
  const verdicts = layers.map((layer) => judgeBy(call, layer));
  for (const decision of STRICTNESS) {
    const verdict = verdicts.find((it) => it.decision === decision);
    if (verdict !== undefined) return verdict;
  }
  return { decision: "allow", rule: "" };
}

function judgeBy(call: JudgedCall, { agent, rules }: RuleLayer): Verdict {
  for (const decision of STRICTNESS) {
    const rule = rules[decision].find((it) => matchesRule(it, call, decision));
    if (rule !== undefined) {
      return { decision, rule: `${decision} ${rule} of agent "${agent}"` };
    }
  }
  return call.effect === "read"
    ? { decision: "allow", rule: "default: it only reads" }
    : { decision: "ask", rule: `default: ${DEFAULT_REASONS[call.effect]}` };
}

const DEFAULT_REASONS: Readonly<Record<Exclude<ToolEffect, "read">, string>> = {
  write: "it changes something",
  destructive: "it may destroy something",
  unknown: "its server does not say what it does",
};

function matchesRule(
  text: string,
  call: JudgedCall,
  decision: Decision,
): boolean {
  const rule = parseToolRule(text);
  // What cannot be read lets nothing through, and holds up everything.
  if (rule === undefined) return decision !== "allow";
  return matchesPlace(rule, call) &&
    rule.conditions.every((it) => holds(it, call.arguments, decision));
}

function matchesPlace(rule: ToolRule, { server, tool }: JudgedCall): boolean {
  if (rule.tool !== undefined) {
    return matchesGlob(rule.server, server) && matchesGlob(rule.tool, tool);
  }
  return matchesGlob(rule.server, server) ||
    (server === WORKSPACE_SERVER && matchesGlob(rule.server, tool));
}

function holds(
  { name, glob }: ArgumentCondition,
  args: JsonObject,
  decision: Decision,
): boolean {
  const value = argumentAt(args, name);
  if (value === undefined) return false;
  const texts = isJsonArray(value) ? value.map(textOf) : [textOf(value)];
  if (decision !== "allow") return texts.some((it) => matchesGlob(glob, it));
  // What is let through must not lead elsewhere than it says.
  return texts.length > 0 &&
    texts.every((it) =>
      matchesGlob(glob, it) && (PARENT_PART.test(glob) || !PARENT_PART.test(it))
    );
}

function argumentAt(args: JsonObject, name: string): Json | undefined {
  let value: Json | undefined = member(args, name);
  if (value !== undefined || !name.includes(".")) return value;
  value = args;
  for (const part of name.split(".")) {
    if (typeof value !== "object" || value === null || isJsonArray(value)) {
      return undefined;
    }
    value = member(value, part);
    if (value === undefined) return undefined;
  }
  return value;
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
