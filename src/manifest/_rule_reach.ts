/**
 * Why a rule of permissions is about no call of a built-in tool: it speaks of
 * an argument that there is not, or of a value that no call has. Their
 * arguments have one form, and what they may reach stands beside the rule.
 *
 * What may be about a call after all is none of its business: a warning that
 * is wrong would take a guard away.
 *
 * @module
 */

import { hostLeave } from "../model/host_rule.ts";
import { didYouMean, nearestName } from "../model/near.ts";
import type { Decision } from "../model/permission.ts";
import type { ArgumentCondition, ToolRule } from "../model/tool_rule.ts";
import {
  ANY_WORD,
  WORKSPACE_ARGUMENTS,
  type WorkspaceSettings,
  type WorkspaceToolName,
} from "../model/workspace.ts";

/** What the calls can be like that a rule speaks of. */
export interface RuleReach {
  readonly list: Decision;
  /** The tools that it means; all of them are built in. */
  readonly tools: readonly WorkspaceToolName[];
  /** What they may reach, where it is the same for all whom the rule holds. */
  readonly settings: Pick<WorkspaceSettings, "commands" | "hosts"> | undefined;
}

/** Why a rule is about no call. */
export interface NoCall {
  readonly why: string;
  readonly hint: string;
  /** Where in the rule it stands, in UTF-16 units from its start. */
  readonly offset: number;
}

/** Gives the reason why a rule is about no call, where there is one. */
export function whyNoCall(
  rule: ToolRule,
  reach: RuleReach,
): NoCall | undefined {
  const { server, tool, conditions } = rule;
  const place = tool === undefined ? server : `${server}:${tool}`;
  let offset = place.length + 1;
  for (const condition of conditions) {
    const found = unknownArgument(condition, reach) ??
      VALUES[condition.name.toLowerCase()]?.(condition.glob, reach);
    if (found !== undefined) return { ...found, offset };
    offset += condition.name.length + condition.glob.length + 2;
  }
  return togetherProblem(conditions, reach, place.length + 1);
}

type Reason = Omit<NoCall, "offset">;

function unknownArgument(
  { name }: ArgumentCondition,
  reach: RuleReach,
): Reason | undefined {
  const { tools } = reach;
  if (tools.some((tool) => takes(tool, name, reach))) return undefined;
  const known = [...new Set(tools.flatMap((it) => WORKSPACE_ARGUMENTS[it]))];
  const [only] = tools;
  const taker = tools.length === 1 && only !== undefined
    ? only
    : "none of these tools";
  const { hint = `There are ${known.join(", ")}` } = didYouMean(name, known);
  return {
    why: `${taker} takes ${
      tools.length === 1 ? "no" : "an"
    } argument "${name}"`,
    hint,
  };
}

/** Each argument is one of some tool, but no tool has them all. */
function togetherProblem(
  conditions: readonly ArgumentCondition[],
  reach: RuleReach,
  offset: number,
): NoCall | undefined {
  const names = conditions.map(({ name }) => name);
  const all = (tool: WorkspaceToolName): boolean =>
    names.every((name) => takes(tool, name, reach));
  if (reach.tools.some(all)) return undefined;
  const quoted = names.map((it) => `"${it}"`).join(" and ");
  return {
    why: `no tool takes ${quoted} at once`,
    hint: "Write a rule for each",
    offset,
  };
}

function takes(
  tool: WorkspaceToolName,
  name: string,
  { list }: RuleReach,
): boolean {
  // What is allowed goes by the letter.
  const form = (text: string): string =>
    list === "allow" ? text : text.toLowerCase();
  return WORKSPACE_ARGUMENTS[tool].some((it) => form(it) === form(name));
}

type ValueCheck = (glob: string, reach: RuleReach) => Reason | undefined;

const VALUES: Readonly<Record<string, ValueCheck>> = {
  path: pathProblem,
  folder: pathProblem,
  cmd: lineProblem,
  url: urlProblem,
};

/** What stands before the first wildcard. */
function literalStart(glob: string): string {
  return /^[^*?]*/.exec(glob)?.[0] ?? "";
}

function pathProblem(glob: string): Reason | undefined {
  const leadsOut =
    /^(?:\/|~(?:[^/*?]*\/|$)|[A-Za-z]:[\\/]|[a-z][a-z0-9+.-]+:\/\/)/i
      .test(glob) || /(?:^|\/)\.\.(?:\/|$)/.test(glob);
  if (leadsOut) {
    return {
      why: "no path leads out of the folder",
      hint: "Paths begin in the folder, as src/main.ts",
    };
  }
  const parts = glob.split("/");
  if (glob === "." || !parts.some((it) => it === "" || it === ".")) {
    return undefined;
  }
  const kept = parts.filter((it) => it !== "" && it !== ".");
  if (/\/\.?$/.test(glob)) kept.push("*");
  return {
    why: 'no path has "./" or "//" in it, or ends in "/"',
    hint: `Write "${kept.join("/")}"`,
  };
}

/** What no line has outside of single quotes. */
const LOOSE_SIGNS = /[;&|`"\\(){}]/;
/**
 * What no line has there, and what is refused would be found without. Made when
 * it is asked for: a class of Unicode takes its time at a start.
 */
const quotedSigns = (): RegExp => /[^\p{L}\p{M}\p{N}_@%+=:,./^~ -]/u;

function lineProblem(glob: string, reach: RuleReach): Reason | undefined {
  const start = literalStart(glob);
  const bare = start
    .replaceAll(`'"'"'`, "")
    .replaceAll(/'[^']*'/g, "")
    .replace(/'[^]*$/, "");
  if (/[;&|]/.test(bare)) {
    return {
      why: "shell starts one program, and no shell",
      hint: "Write a rule for each program",
    };
  }
  const signs = reach.list === "allow" ? quotedSigns() : LOOSE_SIGNS;
  const [sign] = signs.exec(bare) ?? [];
  return sign === undefined ? programProblem(glob, reach) : {
    why: `no line has a ${sign} outside of single quotes`,
    hint: "Quote the word that has it as a whole, as 'a (b)'",
  };
}

function programProblem(
  glob: string,
  { list, settings }: RuleReach,
): Reason | undefined {
  const { commands = [ANY_WORD] } = settings ?? {};
  const start = literalStart(glob);
  if (commands.includes(ANY_WORD) || start === "" || start.startsWith("'")) {
    return undefined;
  }
  const isWhole = start === glob;
  const word = start.split(" ", 1)[0] ?? "";
  const isWord = isWhole || start.includes(" ");
  // What is allowed goes by the letter.
  const form = (text: string): string =>
    list === "allow" ? text : text.toLowerCase();
  const mayBe = (program: string): boolean =>
    isWord
      ? form(program) === form(word)
      : form(program).startsWith(form(word));
  if (commands.some(mayBe)) return undefined;
  // What is refused is found without the folder of its program.
  const listed = commands.find((it) => mayBe(fileName(it)));
  const near = listed ?? nearestName(word, commands);
  const isMeant = isWord && near !== undefined && listed === undefined;
  // It is looked for in what other programs start, too.
  if (list !== "allow" && !isMeant) return undefined;
  return {
    why: `shell may start no program "${word}"`,
    hint: near === undefined
      ? `It may start ${commands.join(", ")}`
      : `Did you mean "${near}"?`,
  };
}

function fileName(program: string): string {
  return program.replace(/^.*\//, "");
}

function urlProblem(
  glob: string,
  { list, settings }: RuleReach,
): Reason | undefined {
  const start = literalStart(glob).toLowerCase();
  const isWeb = ["http://", "https://"].some((it) =>
    start.startsWith(it) || it.startsWith(start)
  );
  if (!isWeb) {
    return {
      why: "fetch gets what begins with http:// or https://",
      hint: /^[a-z]+:/i.test(glob) && !/^[^/]*\.[^/]*:\d/.test(glob)
        ? "Remove it: nothing else is fetched"
        : `Write "https://${glob}"`,
    };
  }
  const host = literalHost(glob, list);
  if (host === undefined || settings === undefined) return undefined;
  const url = URL.parse(host);
  if (url !== null && hostLeave(url, settings.hosts) !== "none") {
    return undefined;
  }
  const name = host.replace(/^\w+:\/\//, "");
  return {
    why: `fetch may not reach ${name}`,
    hint: `It may reach ${settings.hosts.join(", ")}`,
  };
}

/** The scheme and the host, where no wildcard stands for a part of them. */
function literalHost(glob: string, list: Decision): string | undefined {
  const match = /^(https?:\/\/[^/?#*]+)(\*+$|[/#]|$)/i.exec(glob);
  const [, host, next = ""] = match ?? [];
  // In what is allowed a star at its end stands for no more of the host.
  return next.startsWith("*") && list !== "allow" ? undefined : host;
}
