/**
 * Which tool calls are made, asked about or refused: the rules of all who hold
 * an agent to theirs, and the strictest of what they say.
 *
 * @module
 */

import {
  type ArgumentView,
  namesLoosely,
  namesStrictly,
  viewArguments,
} from "./argument_match.ts";
import type { Json, JsonObject } from "./json.ts";
import {
  type ArgumentCondition,
  parseToolRule,
  type ToolRule,
} from "./tool_rule.ts";

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

/** Judges a call by all who hold it to their rules: the strictest counts. */
export function judgeCall(
  call: JudgedCall,
  layers: readonly RuleLayer[],
): Verdict {
  const view = viewArguments(call.arguments, {
    staysInPlace: call.server === WORKSPACE_SERVER,
  });
  const verdicts = layers.map((layer) => judgeBy(call, layer, view));
  for (const decision of STRICTNESS) {
    const verdict = verdicts.find((it) => it.decision === decision);
    if (verdict !== undefined) return verdict;
  }
  return { decision: "allow", rule: "" };
}

function judgeBy(
  call: JudgedCall,
  { agent, rules }: RuleLayer,
  view: ArgumentView,
): Verdict {
  const read = readRules(rules);
  for (const decision of STRICTNESS) {
    const found = read[decision].find(({ rule }) =>
      matchesRule(rule, call, { decision, view })
    );
    if (found !== undefined) {
      const rule = `${decision} ${found.text} of agent "${agent}"`;
      return { decision, rule };
    }
  }
  const { server, effect } = call;
  return effect === "read"
    ? { decision: "allow", rule: "default: it only reads" }
    : {
      decision: "ask",
      rule: `default: ${defaultReason({ server, effect })}`,
    };
}

function defaultReason(
  { server, effect }: { readonly server: string; readonly effect: AskedEffect },
): string {
  return server === WORKSPACE_SERVER && effect === "unknown"
    ? "what it sends out is not known"
    : DEFAULT_REASONS[effect];
}

type AskedEffect = Exclude<ToolEffect, "read">;

const DEFAULT_REASONS: Readonly<Record<AskedEffect, string>> = {
  write: "it changes something",
  destructive: "it may destroy something",
  unknown: "its server does not say what it does",
};

/** A rule as it is written, and taken apart where it can be. */
interface WrittenRule {
  readonly text: string;
  readonly rule: ToolRule | undefined;
}

type WrittenRules = Readonly<Record<Decision, readonly WrittenRule[]>>;

/** Rules that were taken apart: many calls are held against them. */
const READ: WeakMap<ToolRules, WrittenRules> = new WeakMap();

function readRules(rules: ToolRules): WrittenRules {
  const known = READ.get(rules);
  if (known !== undefined) return known;
  const written = (texts: readonly string[]): readonly WrittenRule[] =>
    texts.map((text) => ({ text, rule: parseToolRule(text) }));
  const read = {
    allow: written(rules.allow),
    ask: written(rules.ask),
    deny: written(rules.deny),
  };
  READ.set(rules, read);
  return read;
}

/** How the parts of a rule are compared with a call. */
interface Comparison {
  readonly names: (glob: string, name: string) => boolean;
  readonly holds: (condition: ArgumentCondition) => boolean;
}

function matchesRule(
  rule: ToolRule | undefined,
  call: JudgedCall,
  { decision, view }: {
    readonly decision: Decision;
    readonly view: ArgumentView;
  },
): boolean {
  // What cannot be read lets nothing through, and holds up everything.
  if (rule === undefined) return decision !== "allow";
  const comparison: Comparison = decision === "allow"
    ? { names: namesStrictly, holds: view.holdsStrictly }
    : { names: namesLoosely, holds: view.holdsLoosely };
  return matchesPlace(rule, call, comparison) &&
    rule.conditions.every(comparison.holds);
}

function matchesPlace(
  { server: word, tool: wanted }: ToolRule,
  { server, tool }: JudgedCall,
  { names }: Comparison,
): boolean {
  if (wanted !== undefined) return names(word, server) && names(wanted, tool);
  return names(word, server) ||
    (server === WORKSPACE_SERVER && names(word, tool));
}
