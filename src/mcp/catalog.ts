/**
 * The tool servers that are known by name, with the versions that run.
 *
 * Each is an npm package. It is run by Deno with the permissions that stand
 * here, and by `npx` only where there is no Deno.
 *
 * @module
 */

import type { CatalogName } from "../model/tool_server.ts";

/** A tool server that is known by name. */
export interface CatalogEntry {
  /** The npm package with its exact version. */
  readonly package: string;
  /** In one line, what its tools do. */
  readonly description: string;
  /** Variables that it is given, and whether it needs them. */
  readonly variables: Readonly<Record<string, "required" | "optional">>;
  /** What it may touch besides the network and its environment. */
  readonly access: CatalogAccess;
  /** Whether it may use the network. */
  readonly network: boolean;
  /** What its positional arguments are. */
  readonly arguments: "folders" | "postgres-url" | "plain";
}

/**
 * What a server may touch: nothing, files of its own packages, the folders it
 * is given, its own file, or all that Deno's permissions guard, for one that
 * starts programs.
 */
export type CatalogAccess =
  | "none"
  | "packages"
  | "folders"
  | "memory-file"
  | "all";

/** The tool servers by name. */
export const CATALOG: Readonly<Record<CatalogName, CatalogEntry>> = {
  "brave-search": {
    package: "@modelcontextprotocol/server-brave-search@0.6.2",
    description: "Searches the web with Brave",
    variables: { BRAVE_API_KEY: "required" },
    access: "none",
    network: true,
    arguments: "plain",
  },
  everything: {
    package: "@modelcontextprotocol/server-everything@2026.8.31",
    description: "Shows every feature of the protocol, for tests",
    variables: {},
    // It reads what it says of itself.
    access: "packages",
    network: false,
    arguments: "plain",
  },
  fetch: {
    package: "mcp-fetch-server@1.1.2",
    description: "Fetches web pages as HTML, Markdown, text or JSON",
    variables: {},
    access: "packages",
    network: true,
    arguments: "plain",
  },
  filesystem: {
    package: "@modelcontextprotocol/server-filesystem@2026.8.31",
    description: "Reads and writes files below the folders it is given",
    variables: {},
    access: "folders",
    network: false,
    arguments: "folders",
  },
  git: {
    package: "@cyanheads/git-mcp-server@2.15.3",
    description: "Works on git repositories",
    variables: { GIT_USERNAME: "optional", GIT_EMAIL: "optional" },
    access: "all",
    network: true,
    arguments: "plain",
  },
  github: {
    package: "@modelcontextprotocol/server-github@2025.4.8",
    description: "Works on GitHub: repositories, issues, pull requests",
    variables: { GITHUB_PERSONAL_ACCESS_TOKEN: "required" },
    access: "none",
    network: true,
    arguments: "plain",
  },
  gitlab: {
    package: "@modelcontextprotocol/server-gitlab@2025.4.25",
    description: "Works on GitLab: repositories, issues, merge requests",
    variables: {
      GITLAB_PERSONAL_ACCESS_TOKEN: "required",
      GITLAB_API_URL: "optional",
    },
    access: "none",
    network: true,
    arguments: "plain",
  },
  "google-maps": {
    package: "@modelcontextprotocol/server-google-maps@0.6.2",
    description: "Finds places and routes with Google Maps",
    variables: { GOOGLE_MAPS_API_KEY: "required" },
    access: "none",
    network: true,
    arguments: "plain",
  },
  memory: {
    package: "@modelcontextprotocol/server-memory@2026.8.31",
    description: "Keeps a knowledge graph in MEMORY_FILE_PATH, by default " +
      ".stigmer-memory/memory.jsonl in the execution's folder",
    variables: { MEMORY_FILE_PATH: "optional" },
    access: "memory-file",
    network: false,
    arguments: "plain",
  },
  postgres: {
    package: "@modelcontextprotocol/server-postgres@0.6.2",
    description: "Queries a PostgreSQL database, read-only, by the URL in " +
      "DATABASE_URL or the first argument",
    variables: { PGPASSWORD: "optional" },
    access: "none",
    network: true,
    arguments: "postgres-url",
  },
  "sequential-thinking": {
    package: "@modelcontextprotocol/server-sequential-thinking@2026.8.31",
    description: "Keeps a chain of thoughts that can be revised",
    variables: {},
    access: "none",
    network: false,
    arguments: "plain",
  },
  slack: {
    package: "@modelcontextprotocol/server-slack@2025.4.25",
    description: "Reads and writes Slack channels",
    variables: {
      SLACK_BOT_TOKEN: "required",
      SLACK_TEAM_ID: "required",
      SLACK_CHANNEL_IDS: "optional",
    },
    access: "none",
    network: true,
    arguments: "plain",
  },
  time: {
    package: "time-mcp@1.0.6",
    description: "Tells the time and converts between time zones",
    variables: {},
    access: "none",
    network: false,
    arguments: "plain",
  },
};
