/**
 * Checks what an agent says of its built-in tools.
 *
 * @module
 */

import type {
  AgentSpec,
  WorkspaceTools,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import { didYouMean } from "../model/near.ts";
import {
  judgeCall,
  type RuleLayer,
  WORKSPACE_SERVER,
} from "../model/permission.ts";
import {
  ANY_WORD,
  WORKSPACE_TOOL_NAMES,
  workspaceToolName,
  workspaceToolNames,
} from "../model/workspace.ts";
import { error, warnOfTwice } from "./_check_rules.ts";
import { calledName } from "./_check_tool_servers.ts";

/** Programs, and hosts, of one agent at the most. */
const WORDS_MAX = 64;
/** Characters of one of them at the most. */
const WORD_LENGTH_MAX = 200;
const ROOT = "/spec/workspace";
/** `example.com`, `*.example.com`, `127.0.0.1:8080`, `[::1]:8080` or `*`. */
const HOST =
  /^(?:\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?(?::\d{1,5})?|\[[0-9a-f:.]+\](?::\d{1,5})?)$/i;

/** Checks the built-in tools of an agent, where it has some. */
export function checkWorkspace(spec: AgentSpec): Diagnostic[] {
  const { workspace } = spec;
  if (workspace === undefined) return [];
  return [
    ...checkFolder(workspace.folder),
    ...checkTools(workspace),
    ...checkWords(workspace.commands, {
      root: `${ROOT}/commands`,
      what: "programs",
      problem: commandProblem,
    }),
    ...checkWords(workspace.hosts, {
      root: `${ROOT}/hosts`,
      what: "hosts",
      problem: hostProblem,
    }),
    ...warnOfTwice(workspace.tools, `${ROOT}/tools`),
    ...checkPrograms(spec),
    ...checkServers(spec),
  ];
}

function checkFolder(folder: string): Diagnostic[] {
  const pointer = `${ROOT}/folder`;
  const hint = "Write it from the folder of the run on, as src";
  if (/^(?:[/\\~]|[A-Za-z]:)/.test(folder)) {
    return [error(pointer, `"${folder}" is no folder of the run`, { hint })];
  }
  if (/(?:^|[/\\])\.\.(?:[/\\]|$)/.test(folder)) {
    const message = `"${folder}" leads out of the folder of the run`;
    return [error(pointer, message, { hint })];
  }
  return /\p{Cc}/u.test(folder)
    ? [error(pointer, "The folder has control characters in its name")]
    : [];
}

function checkTools({ tools, commands, hosts }: WorkspaceTools): Diagnostic[] {
  return tools.flatMap((name, i) => {
    const at = pointerTo(`${ROOT}/tools`, i);
    if (workspaceToolName(name) === undefined) {
      const { hint = `There are ${WORKSPACE_TOOL_NAMES.join(", ")}` } =
        didYouMean(name, WORKSPACE_TOOL_NAMES);
      return [error(at, `There is no built-in tool "${name}"`, { hint })];
    }
    if (name === "shell" && commands.length === 0) {
      const hint = "Add workspace.commands, as [git, make]";
      return [error(at, "shell may start no program", { hint })];
    }
    if (name === "fetch" && hosts.length === 0) {
      const hint = "Add workspace.hosts, as [example.com]";
      return [error(at, "fetch may reach no host", { hint })];
    }
    return [];
  });
}

function checkWords(
  words: readonly string[],
  { root, what, problem }: {
    readonly root: string;
    readonly what: string;
    readonly problem: (word: string) => readonly [string, string] | undefined;
  },
): Diagnostic[] {
  if (words.length > WORDS_MAX) {
    const message =
      `A workspace may have ${WORDS_MAX} ${what}, this has ${words.length}`;
    return [error(root, message)];
  }
  const wrong = words.flatMap((word, i) => {
    const found = word.length > WORD_LENGTH_MAX
      ? [`It may have ${WORD_LENGTH_MAX} characters`, "Shorten it"] as const
      : problem(word);
    if (found === undefined) return [];
    const [message, hint] = found;
    return [error(pointerTo(root, i), message, { hint })];
  });
  return [...wrong, ...warnOfTwice(words, root)];
}

function commandProblem(
  word: string,
): readonly [string, string] | undefined {
  if (word === ANY_WORD) return undefined;
  if (word.trim() === "" || /[\s\p{Cc}]/u.test(word)) {
    return [
      `"${word}" is no program`,
      "Name the program alone; rules look at its arguments, as " +
      "permissions.allow: [shell:cmd=git status*]",
    ];
  }
  return word.includes("*")
    ? [`"${word}" is no program`, 'Name each, or "*" for any']
    : undefined;
}

function hostProblem(word: string): readonly [string, string] | undefined {
  const host = HOST.test(word) ? hostForm(word) : URL.parse(word)?.host;
  if (host === word.toLowerCase()) return undefined;
  return [
    `"${word}" is no host`,
    host
      ? `Write "${host}"`
      : "Write it as example.com, *.example.com or 127.0.0.1:8080",
  ];
}

/** A host as URLs have it: another writing of an address would fit none. */
function hostForm(word: string): string | undefined {
  const [, name = "", port = ""] = /^(.*?)(:\d+)?$/.exec(word) ?? [];
  const plain = name.replace("*", "any");
  const url = URL.parse(`http://${plain}${port}`);
  if (url === null) return undefined;
  const form = url.hostname === plain.toLowerCase() ? name : url.hostname;
  return form.toLowerCase() + port;
}

/** A program of the folder is what the agent makes of it. */
function checkPrograms({ workspace, permissions }: AgentSpec): Diagnostic[] {
  if (workspace === undefined) return [];
  const rules = permissions ?? { allow: [], ask: [], deny: [] };
  const layers: readonly RuleLayer[] = [{ agent: "", rules }];
  const tools = workspaceToolNames(workspace);
  if (!tools.includes("shell")) return [];
  return workspace.commands.flatMap((word, i) => {
    const path = pathOfProgram(word);
    if (path === undefined) return [];
    const changing = (["write", "edit"] as const).filter((tool) =>
      tools.includes(tool) &&
      judgeCall({
          server: WORKSPACE_SERVER,
          tool,
          arguments: { path },
          effect: "write",
        }, layers).decision === "allow"
    );
    if (changing.length === 0) return [];
    return [{
      severity: "warning",
      pointer: pointerTo(`${ROOT}/commands`, i),
      message: `The agent may change "${word}" unasked, which shell may start`,
      hint: `Add to permissions.deny: ${
        changing.map((it) => `${it}:path=${path}`).join(", ")
      }`,
    }];
  });
}

/** Where in the folder a program is; `undefined` for one that is not in it. */
function pathOfProgram(word: string): string | undefined {
  if (!word.includes("/") || /^(?:\/|[A-Za-z]:)/.test(word)) return undefined;
  const parts = word.split("/").filter((it) => it !== "" && it !== ".");
  return parts.includes("..") ? undefined : parts.join("/");
}

/** Rules and people tell tools apart by the name of their server. */
function checkServers({ mcpServers }: AgentSpec): Diagnostic[] {
  return mcpServers.flatMap((server, i) =>
    calledName(server) === WORKSPACE_SERVER
      ? [
        error(
          pointerTo("/spec/mcpServers", i),
          `"${WORKSPACE_SERVER}" is what the built-in tools are grouped under`,
          { hint: "Give the server another name" },
        ),
      ]
      : []
  );
}
