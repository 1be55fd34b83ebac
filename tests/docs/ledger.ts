/**
 * Where the blocks of each page are run: here, by a test that knows what is
 * special about the page, or nowhere, for one of a few reasons.
 *
 * @module
 */

/** Blocks of a page that a test of their own runs. */
export interface Held {
  /** The languages of the blocks. */
  readonly languages: readonly string[];
  /** Only those below this heading. */
  readonly section?: string;
  /** Only those that hold these words. */
  readonly words?: string;
  /** The test, which names the page. */
  readonly by: string;
}

/** Pages that are run from top to bottom by `pages_test.ts`. */
export const RUN_PAGES: readonly string[] = [
  "README.md",
  "docs/getting-started.md",
  "docs/scripting.md",
  "docs/terminal.md",
  "docs/troubleshooting.md",
];

/** Whose blocks have a test of their own. */
export const HELD: Readonly<Record<string, readonly Held[]>> = {
  "docs/agents.md": [
    { languages: ["console", "yaml"], by: "tests/agent/docs_test.ts" },
  ],
  "docs/cli.md": [{ languages: ["sh"], by: "tests/docs/blocks_test.ts" }],
  "docs/cloud.md": [
    { languages: ["console", "yaml"], by: "tests/cli/cloud_docs_test.ts" },
  ],
  "docs/grpc.md": [
    { languages: ["sh"], by: "tests/server/grpc_docs_test.ts" },
  ],
  "docs/installing.md": [
    {
      languages: ["sh"],
      words: "sha256sum --check",
      by: "tests/release/docs_test.ts",
    },
    { languages: ["sh"], words: "openssl", by: "tests/release/docs_test.ts" },
  ],
  "docs/manifests.md": [
    { languages: ["yaml"], by: "tests/manifest/docs_test.ts" },
  ],
  "docs/migration.md": [
    { languages: ["yaml"], by: "tests/language/upstream_test.ts" },
  ],
  "docs/models.md": [
    { languages: ["console", "yaml"], by: "tests/agent/models_docs_test.ts" },
  ],
  "docs/moving.md": [
    {
      languages: ["console"],
      section: "Migrate",
      by: "tests/transfer/migrate_docs_test.ts",
    },
    { languages: ["console"], by: "tests/transfer/moving_docs_test.ts" },
  ],
  "docs/operations.md": [
    { languages: ["console"], by: "tests/operations/docs_test.ts" },
    { languages: ["sh"], words: "/events", by: "tests/server/docs_test.ts" },
    { languages: ["sh"], words: "-mtime", by: "tests/docs/parts_test.ts" },
  ],
  "docs/script-model.md": [
    { languages: ["yaml"], words: "turns:", by: "src/llm/script_test.ts" },
  ],
  "docs/secrets.md": [
    { languages: ["console", "yaml"], by: "tests/secrets/docs_test.ts" },
  ],
  "docs/skills.md": [
    { languages: ["console", "yaml"], by: "tests/cli/skills_docs_test.ts" },
  ],
  "docs/testing.md": [
    { languages: ["console", "yaml"], by: "tests/testing/docs_test.ts" },
  ],
  "docs/tools.md": [
    {
      languages: ["console", "yaml"],
      section: "Approval",
      by: "tests/cli/tools_docs_test.ts",
    },
    {
      languages: ["console", "yaml"],
      section: "MCP servers as resources",
      by: "tests/cli/tools_docs_test.ts",
    },
    {
      languages: ["console"],
      section: "Looking at a server",
      by: "tests/cli/mcp_look_test.ts",
    },
    {
      languages: ["console", "yaml"],
      section: "OAuth",
      by: "tests/cli/mcp_login_test.ts",
    },
    { languages: ["diff"], by: "tests/agent/trust_test.ts" },
    { languages: ["json"], by: "tests/cli/mcp_serve_test.ts" },
  ],
  "docs/workflow-language.md": [
    {
      languages: ["yaml", "json", "proto"],
      by: "tests/language/reference_page_test.ts",
    },
    { languages: ["console"], by: "tests/docs/parts_test.ts" },
    { languages: ["sh"], words: "respond", by: "tests/docs/parts_test.ts" },
    { languages: ["sh"], words: "publish", by: "tests/docs/parts_test.ts" },
  ],
  "docs/sdk.md": [
    { languages: ["console"], by: "tests/docs/parts_test.ts" },
  ],
  "docs/workflows.md": [
    { languages: ["yaml"], by: "tests/manifest/docs_test.ts" },
    { languages: ["sh"], words: "retry", by: "tests/docs/parts_test.ts" },
  ],
};

/**
 * Why a block may stand on a page that nothing runs, written above it as
 * `<!-- not run: needs Windows -->`. What Stigmer is called with there is
 * checked all the same.
 */
export const REASONS: readonly string[] = [
  "needs a release",
  "needs root",
  "needs Windows",
  "needs macOS",
  "needs a certificate of a public name",
  "needs SQLite of the system",
  "runs until it is stopped",
  "deletes everything",
  "builds executables",
  "makes a key of a release",
  "CI runs it, word for word",
];

/** Languages of blocks that say nothing that could be run. */
export const QUIET_LANGUAGES: ReadonlySet<string> = new Set(["text", ""]);
