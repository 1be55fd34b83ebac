/**
 * Every command by name.
 *
 * Summaries stand here once more, so that the help of the whole costs no file
 * but this one; a test holds them equal to those of the commands.
 *
 * @module
 */

import type { Command } from "./command.ts";
import { importUnseen } from "../model/unseen.ts";

/** A command that is loaded when it is needed. */
export interface Verb {
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
  /** Other names of it. */
  readonly aliases?: readonly string[];
  /** Whether help leaves it out. */
  readonly hidden?: boolean;
}

/** A word under which commands stand. */
export interface Noun {
  readonly summary: string;
  readonly verbs: Readonly<Record<string, Verb>>;
  readonly aliases?: readonly string[];
}

/** Commands that stand under no noun, in the order of the help. */
export const ROOT_VERBS: Readonly<Record<string, Verb>> = {
  init: {
    summary: "Prepare the home folder and its database",
    load: verb("./root/init.ts"),
  },
  run: {
    summary: "Run a workflow or an agent, from a file or by name",
    load: verb("./root/run.ts"),
  },
  apply: {
    summary: "Create or update resources from files",
    load: verb("./root/apply.ts"),
  },
  diff: {
    summary: "Show what apply would change",
    load: verb("./root/diff.ts"),
  },
  validate: {
    summary: "Check files without a backend",
    load: verb("./root/validate.ts"),
  },
  test: {
    summary: "Run tests of agents and workflows, with no key and no network",
    load: verb("./root/test.ts"),
  },
  convert: {
    summary: "Rewrite workflows of later upstream releases as documents",
    load: verb("./root/convert.ts"),
  },
  schema: {
    summary: "Print the JSON Schema of a kind of file, for editors",
    load: verb("./root/schema.ts"),
  },
  explain: {
    summary: "Explain a kind of resource and its fields",
    load: verb("./root/explain.ts"),
  },
  get: {
    summary: "Show resources of any kind",
    load: verb("./root/get.ts"),
  },
  delete: {
    summary: "Delete resources of any kind",
    load: verb("./root/delete.ts"),
  },
  export: {
    summary: "Write resources to a file or folder, to be imported elsewhere",
    load: verb("./root/export.ts"),
  },
  import: {
    summary: "Store what was exported, all of it or nothing",
    load: verb("./root/import.ts"),
  },
  migrate: {
    summary: "Copy what one backend has to another one",
    load: verb("./root/migrate.ts"),
  },
  top: {
    summary: "See what runs and waits now, and what it uses",
    load: verb("./root/top.ts"),
  },
  worker: {
    summary: "Run what is pending or orphaned, until stopped",
    load: verb("./root/worker.ts"),
  },
  server: {
    summary: "Serve this database to others and run its executions",
    load: verb("./root/server.ts"),
  },
  login: {
    summary: "Log in to a server, and use it from now on",
    load: verb("./root/login.ts"),
  },
  logout: {
    summary: "Remove the access token of a server from this machine",
    load: verb("./root/logout.ts"),
  },
  backup: {
    summary: "Copy the whole database into a file, while it is used",
    load: verb("./root/backup.ts"),
  },
  restore: {
    summary: "Put a backup in the place of the database of this machine",
    load: verb("./root/restore.ts"),
  },
  gc: {
    summary: "Remove what is past its retention and what nothing needs",
    load: verb("./root/gc.ts"),
  },
  doctor: {
    summary: "Check this machine and say how to fix it",
    load: verb("./root/doctor.ts"),
  },
  completions: {
    summary: "Print the completion script of a shell",
    load: verb("./root/completions.ts"),
  },
  man: {
    summary: "Print the manual page of a command, or write all of them",
    load: verb("./root/man.ts"),
  },
  complete: {
    summary: "Answer a shell that completes a command line",
    load: verb("./root/complete.ts"),
    hidden: true,
  },
  version: {
    summary: "Print the version",
    load: verb("./root/version.ts"),
  },
  upgrade: {
    summary: "Put a newer release in the place of this program",
    load: verb("./root/upgrade.ts"),
  },
};

/** The nouns, in the order of the help. */
export const NOUNS: Readonly<Record<string, Noun>> = {
  agent: {
    summary: "Define agents and talk to them",
    aliases: ["agents"],
    verbs: {
      create: {
        summary: "Create an agent",
        load: verb("./agent/create.ts"),
      },
      list: {
        summary: "List agents, newest first",
        load: verb("./agent/list.ts"),
        aliases: ["ls"],
      },
      get: { summary: "Show an agent", load: verb("./agent/get.ts") },
      update: {
        summary: "Change an agent",
        load: verb("./agent/update.ts"),
      },
      delete: {
        summary: "Delete agents",
        load: verb("./agent/delete.ts"),
        aliases: ["rm"],
      },
      execute: {
        summary: "Send an agent a message and wait for its answer",
        load: verb("./agent/execute.ts"),
        aliases: ["run"],
      },
      chat: {
        summary: "Talk with an agent, message after message",
        load: verb("./agent/chat.ts"),
      },
      versions: {
        summary: "List the versions of an agent, newest first",
        load: verb("./agent/versions.ts"),
      },
    },
  },
  workflow: {
    summary: "Define workflows and run them",
    aliases: ["workflows", "wf"],
    verbs: {
      create: {
        summary: "Create a workflow from a file",
        load: verb("./workflow/create.ts"),
      },
      list: {
        summary: "List workflows, newest first",
        load: verb("./workflow/list.ts"),
        aliases: ["ls"],
      },
      get: {
        summary: "Show a workflow",
        load: verb("./workflow/get.ts"),
      },
      update: {
        summary: "Replace a workflow by that of a file",
        load: verb("./workflow/update.ts"),
      },
      delete: {
        summary: "Delete workflows",
        load: verb("./workflow/delete.ts"),
        aliases: ["rm"],
      },
      validate: {
        summary: "Check workflow files without a backend",
        load: verb("./workflow/validate.ts"),
      },
      graph: {
        summary: "Draw the tasks of a workflow and where each leads",
        load: verb("./workflow/graph.ts"),
      },
      execute: {
        summary: "Run a workflow and wait for its output",
        load: verb("./workflow/execute.ts"),
        aliases: ["run"],
      },
      versions: {
        summary: "List the versions of a workflow, newest first",
        load: verb("./workflow/versions.ts"),
      },
    },
  },
  env: {
    summary: "Keep variables and secrets that runs read",
    aliases: ["envs", "environment", "environments"],
    verbs: {
      create: {
        summary: "Create an environment",
        load: verb("./env/create.ts"),
      },
      list: {
        summary: "List environments, newest first",
        load: verb("./env/list.ts"),
        aliases: ["ls"],
      },
      get: {
        summary: "Show an environment and its variables",
        load: verb("./env/get.ts"),
      },
      set: {
        summary: "Set variables and secrets of an environment",
        load: verb("./env/set.ts"),
      },
      unset: {
        summary: "Remove variables and secrets from an environment",
        load: verb("./env/unset.ts"),
      },
      rename: {
        summary: "Rename an environment",
        load: verb("./env/rename.ts"),
      },
      delete: {
        summary: "Delete environments",
        load: verb("./env/delete.ts"),
        aliases: ["rm"],
      },
      versions: {
        summary: "List the versions of an environment, newest first",
        load: verb("./env/versions.ts"),
      },
    },
  },
  mcp: {
    summary: "Keep MCP servers for agents, and look at what they offer",
    aliases: ["mcps", "mcp-server", "mcp-servers"],
    verbs: {
      create: {
        summary: "Create an MCP server that agents can name",
        load: verb("./mcp/create.ts"),
        aliases: ["add"],
      },
      list: {
        summary: "List applied MCP servers, newest first",
        load: verb("./mcp/list.ts"),
        aliases: ["ls"],
      },
      get: {
        summary: "Show an applied MCP server, its agents and its trusted tools",
        load: verb("./mcp/get.ts"),
      },
      update: {
        summary: "Change an MCP server",
        load: verb("./mcp/update.ts"),
      },
      delete: {
        summary: "Delete applied MCP servers that no agent names",
        load: verb("./mcp/delete.ts"),
        aliases: ["rm"],
      },
      versions: {
        summary: "List the versions of an MCP server, newest first",
        load: verb("./mcp/versions.ts"),
      },
      serve: {
        summary:
          "Offer agents and workflows as tools to an IDE, over stdio or HTTP",
        load: verb("./mcp/serve.ts"),
      },
      tools: {
        summary:
          "Start an MCP server and show its tools, resources and prompts",
        load: verb("./mcp/tools.ts"),
      },
      call: {
        summary: "Call a tool of an MCP server",
        load: verb("./mcp/call.ts"),
      },
      login: {
        summary:
          "Log in to an MCP server that wants OAuth, for all runs that use it",
        load: verb("./mcp/login.ts"),
      },
      logout: {
        summary:
          "Log out of an MCP server: its tokens are taken back and forgotten",
        load: verb("./mcp/logout.ts"),
      },
      trust: {
        summary:
          "See what changed of a server's tools, and trust them as they are",
        load: verb("./mcp/trust.ts"),
      },
    },
  },
  secrets: {
    summary: "See what seals secrets, change it, and who opened them",
    aliases: ["secret"],
    verbs: {
      status: {
        summary: "Show where the master key is and how much is sealed under it",
        load: verb("./secrets/status.ts"),
      },
      rotate: {
        summary: "Put a new master key in the place of the current one",
        load: verb("./secrets/rotate.ts"),
      },
      rekey: {
        summary:
          "Encrypt the secrets of environments anew, under new data keys",
        load: verb("./secrets/rekey.ts"),
      },
      audit: {
        summary: "List who opened which secret for what, newest first",
        load: verb("./secrets/audit.ts"),
      },
    },
  },
  execution: {
    summary: "Follow runs and steer them",
    aliases: ["executions", "runs"],
    verbs: {
      list: {
        summary: "List executions, newest first",
        load: verb("./execution/list.ts"),
        aliases: ["ls"],
      },
      get: {
        summary: "Show an execution and its tasks",
        load: verb("./execution/get.ts"),
      },
      logs: {
        summary: "Print the journal of an execution",
        load: verb("./execution/logs.ts"),
      },
      watch: {
        summary: "Follow an execution live to its end",
        load: verb("./execution/watch.ts"),
      },
      cancel: {
        summary: "Cancel executions",
        load: verb("./execution/cancel.ts"),
      },
      pause: {
        summary: "Hold executions before their next task",
        load: verb("./execution/pause.ts"),
      },
      resume: {
        summary: "Go on with an execution, here and now",
        load: verb("./execution/resume.ts"),
      },
      retry: {
        summary: "Run an execution again from the task that failed",
        load: verb("./execution/retry.ts"),
      },
      trace: {
        summary:
          "Print the tasks of an execution with their inputs and outputs",
        load: verb("./execution/trace.ts"),
      },
      wait: {
        summary: "Wait until executions end",
        load: verb("./execution/wait.ts"),
      },
      approve: {
        summary: "Let a tool call be made that waits for a person",
        load: verb("./execution/approve.ts"),
      },
      reject: {
        summary: "Refuse a tool call that waits for a person",
        load: verb("./execution/reject.ts"),
      },
      skip: {
        summary:
          "Have an agent go on without a tool call that waits for a person",
        load: verb("./execution/skip.ts"),
      },
      respond: {
        summary: "Answer what an execution asks a person",
        load: verb("./execution/respond.ts"),
      },
      signal: {
        summary: "Send an execution a signal",
        load: verb("./execution/signal.ts"),
      },
      artifacts: {
        summary: "List the files that an execution left, or fetch them",
        load: verb("./execution/artifacts.ts"),
      },
    },
  },
  schedule: {
    summary: "See when workflows start by themselves, and hold that",
    aliases: ["schedules"],
    verbs: {
      list: {
        summary: "List schedules by the names of their workflows",
        load: verb("./schedule/list.ts"),
        aliases: ["ls"],
      },
      get: {
        summary: "Show the schedule of a workflow",
        load: verb("./schedule/get.ts"),
      },
      pause: {
        summary: "Hold the schedules of workflows",
        load: verb("./schedule/pause.ts"),
      },
      resume: {
        summary: "Let held schedules go on",
        load: verb("./schedule/resume.ts"),
      },
    },
  },
  event: {
    summary: "Publish events and look at them",
    aliases: ["events"],
    verbs: {
      publish: {
        summary: "Publish events for whoever listens",
        load: verb("./event/publish.ts"),
      },
      list: {
        summary: "List events, newest first",
        load: verb("./event/list.ts"),
        aliases: ["ls"],
      },
    },
  },
  session: {
    summary: "Look at conversations with agents",
    aliases: ["sessions"],
    verbs: {
      list: {
        summary: "List sessions, newest first",
        load: verb("./session/list.ts"),
        aliases: ["ls"],
      },
      get: {
        summary: "Show a session and what was said last",
        load: verb("./session/get.ts"),
      },
      export: {
        summary: "Write a whole conversation, with tool calls and usage",
        load: verb("./session/export.ts"),
      },
      fork: {
        summary: "Begin a session with the history of another one",
        load: verb("./session/fork.ts"),
      },
      delete: {
        summary: "Delete sessions",
        load: verb("./session/delete.ts"),
        aliases: ["rm"],
      },
    },
  },
  skill: {
    summary: "Keep folders of know-how that agents load when they need them",
    aliases: ["skills"],
    verbs: {
      push: {
        summary: "Store a skill from a folder or a zip archive",
        load: verb("./skill/push.ts"),
      },
      list: {
        summary: "List skills, newest first",
        load: verb("./skill/list.ts"),
        aliases: ["ls"],
      },
      get: {
        summary: "Show a skill and its files",
        load: verb("./skill/get.ts"),
      },
      versions: {
        summary: "List the versions of a skill, newest first",
        load: verb("./skill/versions.ts"),
      },
      tag: {
        summary: "Point a tag at a content of a skill",
        load: verb("./skill/tag.ts"),
      },
      untag: {
        summary: "Take a tag off a skill",
        load: verb("./skill/untag.ts"),
      },
      delete: {
        summary: "Delete skills",
        load: verb("./skill/delete.ts"),
        aliases: ["rm"],
      },
      validate: {
        summary: "Check skills without a backend",
        load: verb("./skill/validate.ts"),
      },
    },
  },
  token: {
    summary: "Say who may call a server, and see who was refused",
    aliases: ["tokens"],
    verbs: {
      create: {
        summary: "Make a token that lets its bearer call a server",
        load: verb("./token/create.ts"),
      },
      list: {
        summary: "List tokens in force, newest first",
        load: verb("./token/list.ts"),
        aliases: ["ls"],
      },
      revoke: {
        summary: "Revoke tokens, at once and for good",
        load: verb("./token/revoke.ts"),
      },
      audit: {
        summary:
          "List refused calls and what was done with tokens, newest first",
        load: verb("./token/audit.ts"),
      },
    },
  },
  backend: {
    summary: "See which backend is used, and use another",
    aliases: ["backends"],
    verbs: {
      status: {
        summary: "Show which backend answers and what it holds",
        load: verb("./backend/status.ts"),
      },
      list: {
        summary: "List the backends that can be used, the current one marked",
        load: verb("./backend/list.ts"),
        aliases: ["ls"],
      },
      switch: {
        summary: "Use another backend from now on",
        load: verb("./backend/switch.ts"),
        aliases: ["use", "set"],
      },
      remove: {
        summary: "Forget a server: its address and its token",
        load: verb("./backend/remove.ts"),
        aliases: ["rm"],
      },
    },
  },
  retention: {
    summary: "See and change how long things are kept",
    verbs: {
      get: {
        summary: "Show how long things are kept",
        load: verb("./retention/get.ts"),
      },
      set: {
        summary: "Change how long things are kept; what is not named stays",
        load: verb("./retention/set.ts"),
      },
    },
  },
  config: {
    summary: "Read and change the configuration",
    verbs: {
      path: {
        summary: "Print the path of the configuration file",
        load: verb("./config/path.ts"),
      },
      get: {
        summary: "Print the value of a key",
        load: verb("./config/get.ts"),
      },
      set: {
        summary: "Set a key",
        load: verb("./config/set.ts"),
      },
      list: {
        summary: "List every key with its value and where it comes from",
        load: verb("./config/list.ts"),
        aliases: ["ls"],
      },
    },
  },
};

/** Finds what a word stands for among names and their aliases. */
export function findNamed<T extends { readonly aliases?: readonly string[] }>(
  word: string,
  among: Readonly<Record<string, T>>,
): { readonly name: string; readonly value: T } | undefined {
  for (const [name, value] of Object.entries(among)) {
    if (name === word || value.aliases?.includes(word)) return { name, value };
  }
  return undefined;
}

/** Loads the file of a verb when it is needed, and not a line of it before. */
function verb(specifier: string): Verb["load"] {
  return () => importUnseen(specifier, import.meta.url);
}
