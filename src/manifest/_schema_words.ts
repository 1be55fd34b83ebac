/**
 * What the contract says of the fields that people write, for editors: its
 * own comments, which do not travel with the program. A test holds them equal.
 *
 * @module
 */

/** The comment of each field, by message and field. */
export const FIELD_WORDS: Readonly<Record<string, string>> = {
  "AgentSpec.description": "One line for people who choose between agents.",
  "AgentSpec.instructions":
    "The system prompt: 10 characters to 256 KiB. Required.",
  "AgentSpec.model":
    "Which model answers and how; absent means the best one reachable.",
  "AgentSpec.mcp_servers":
    "The tool servers it may call; names are unique within the agent.",
  "AgentSpec.env": "The variables it reads, by name.",
  "AgentSpec.limits": "What one execution may spend.",
  "AgentSpec.output_schema":
    "The JSON Schema that its answer must fit; absent means free text.",
  "AgentSpec.sub_agents":
    "Agents that it may hand work to; names are unique within the agent; at most 32.",
  "AgentSpec.permissions":
    "Which tool calls are made, asked about or refused; absent means that those that only read are made, and all others are asked about.",
  "AgentSpec.workspace":
    "The built-in tools for files, commands and web pages; absent means none.",
  "ToolPermissions.allow": "Calls that are made.",
  "ToolPermissions.ask": "Calls that a person is asked about.",
  "ToolPermissions.deny": "Calls that are refused; the model is told.",
  "WorkspaceTools.folder":
    "The folder that file tools do not leave, and that programs start in; relative to the folder of the run. Empty means that folder itself.",
  "WorkspaceTools.tools":
    "The tools that there are; empty means those for files and `todo`, `shell` where there are `commands`, and `fetch` where there are `hosts`.",
  "WorkspaceTools.commands":
    "Programs that `shell` may start, by name, as `git`; `*` means any. At most 64.",
  "WorkspaceTools.hosts":
    "Hosts that `fetch` may reach, as `example.com`, `*.example.com` or `127.0.0.1:8080`; `*` means any that is public. At most 64.",
  "SubAgent.name":
    "What the model calls it by; 1 to 40 letters, digits, `-` and `_`. Empty means the slug of `agent`.",
  "SubAgent.description":
    "When to hand work to it, for the model. Empty means the description of `agent`.",
  "SubAgent.agent":
    "The applied agent that does the work: name, slug or id. Excludes `instructions` and `skills`.",
  "SubAgent.instructions":
    "The system prompt: 10 characters to 256 KiB. Required without `agent`.",
  "SubAgent.model":
    "Which model answers and how; absent means that of the agent, or of the run.",
  "SubAgent.tools":
    "The tools that it may see, as globs over `server:tool`; a server's bare name means all of its tools, `none` alone means none, empty means all. Without `agent` they are tools of the parent, never more.",
  "SubAgent.skills":
    "The skills that it may load; written as those of an agent.",
  "SubAgent.limits":
    "What one execution of it may spend; never more than the parent has left.",
  "SubAgent.output_schema":
    "The JSON Schema that its answer must fit; absent means free text.",
  "SubAgent.permissions":
    "Which of its tool calls are made, asked about or refused; the stricter of this and what its parent is held to counts.",
  "ModelSettings.name":
    "`anthropic/NAME`, `openai/NAME`, `ollama/NAME`, `openai-compatible/NAME` (needs `base_url`) or `script:FILE`, the deterministic scripted model. Empty means the best one reachable.",
  "ModelSettings.temperature":
    "Sampling temperature, 0 to 2; absent means the provider's own.",
  "ModelSettings.max_output_tokens":
    "Output tokens of one turn at the most; absent means the provider's own.",
  "ModelSettings.base_url":
    "Where an `openai-compatible` endpoint is, or another address for one of the named providers.",
  "ModelSettings.fallbacks":
    "Models that answer in its place while it fails, tried in this order; written as `name`; at most 8.",
  "ModelSettings.context_window":
    "Tokens that a question and its answer may have together; absent means what is known of the model.",
  "ModelSettings.price":
    "What its tokens cost; absent means what is known of the model.",
  "ModelPrice.input": "Tokens that it reads.",
  "ModelPrice.output": "Tokens that it writes.",
  "ModelPrice.cache_read":
    "Tokens that it reads out of its provider's cache; absent means `input`.",
  "ModelPrice.cache_write":
    "Tokens that it reads and its provider keeps; absent means `input`.",
  "AgentLimits.max_turns": "Model turns at the most; default 50.",
  "AgentLimits.max_tool_calls_per_turn":
    "Tool calls in one turn at the most; default 20.",
  "AgentLimits.timeout":
    "Wall time of the execution while it runs; default 600 s.",
  "AgentLimits.max_tool_calls":
    "Tool calls of the execution at the most; default 500.",
  "AgentLimits.max_tokens":
    "Tokens, read and written, those of its sub-agents included, at the most; default 5,000,000.",
  "AgentLimits.max_cost_usd":
    "What its tokens may cost, in US dollars, those of its sub-agents included; tokens without a known price cost nothing; default 10.",
  "AgentLimits.max_repeated_calls":
    "How often the same call with the same arguments may give the same result before the model is told; the next one ends the execution. Default 5.",
  "McpServer.name":
    "What its tools are grouped under; from the catalog (`filesystem`, `memory`, `fetch`, `github`, `slack`, `postgres` …) when neither a transport nor `server` is given. Empty means the slug of `server`.",
  "McpServer.enabled_tools":
    "The tools that the agent may see; empty means all.",
  "McpServer.stdio": "A child process that speaks over its standard streams.",
  "McpServer.http": "A server reached by streamable HTTP.",
  "McpServer.args":
    "Further arguments of a catalog entry, as the folders of `filesystem`.",
  "McpServer.server":
    "The applied MCP server that it is: name, slug or id. Excludes a transport and `args`.",
  "McpServerSpec.description":
    "One line for people who choose between servers.",
  "McpServerSpec.enabled_tools":
    "The tools that agents may see and workflows may call; empty means all. An agent may narrow it.",
  "McpServerSpec.stdio":
    "A child process that speaks over its standard streams.",
  "McpServerSpec.http": "A server reached by streamable HTTP.",
  "McpServerSpec.catalog":
    "A name from the catalog: `filesystem`, `memory`, `fetch`, `github` …",
  "McpServerSpec.args":
    "Further arguments of a catalog entry, as the folders of `filesystem`.",
  "McpServerSpec.env": "The variables it reads, by name.",
  "StdioTransport.command":
    "The program, found on PATH once or given as an absolute path. Required.",
  "StdioTransport.args":
    "Its arguments, passed as they are, never through a shell.",
  "StdioTransport.env":
    "Its environment; `${NAME}` is replaced by the execution's variable.",
  "StdioTransport.cwd": "Its working folder; empty means the caller's.",
  "HttpTransport.url":
    "Where it is: `https://…`, or `http://` on loopback. Required.",
  "HttpTransport.headers":
    "Headers of each request; `${NAME}` is replaced by the execution's variable.",
  "AgentInstanceSpec.agent_id":
    "The agent: name, slug or id; stored as id. Required.",
  "AgentInstanceSpec.description": "One line for people.",
  "AgentInstanceSpec.environment_ids":
    "Environments, a later one overriding an earlier: name, slug or id; stored as ids.",
  "Metadata.name":
    "What people call it: 1 to 200 characters of any script. Required on create; on apply it finds the resource through its slug.",
  "Metadata.slug":
    "Lower-case letters, digits and single hyphens, 1 to 63 characters, unique within a kind, fixed at creation. Derived from `name` when empty.",
  "Metadata.id":
    "`<prefix>-<lower-case ULID>`, given by the backend, never by the caller.",
  "Metadata.labels":
    "What selectors match: keys up to 63 characters, values up to 256, at most 64 of them.",
  "Metadata.annotations":
    "Free notes for tools, at most 64 of them, each value up to 64 KiB.",
  "Metadata.tags": "Free words for people, at most 64 of them.",
  "Metadata.version":
    "Which state of the resource this is. On update, an `id` that is set must be the stored one, or the call fails with ABORTED.",
  "EnvDeclaration.description": "What it is for, shown when it is missing.",
  "EnvDeclaration.required":
    "Whether a run is refused when no environment and no flag gives it.",
  "EnvDeclaration.default":
    "The value used when nothing gives another; absent means none.",
  "EnvDeclaration.secret":
    "Whether its value is a secret: sealed at rest and masked in output.",
  "EnvironmentSpec.description": "One line for people.",
  "EnvironmentSpec.variables":
    "Plain variables by name (`[A-Za-z_][A-Za-z0-9_]*`), at most 1000, each value up to 64 KiB.",
  "EnvironmentSpec.secrets":
    "Secrets by name, by the rules of `variables`; no name may be in both. Written: the value, to be sealed; `***`, which keeps what is sealed; or what `SealEnvironment` gave. Read: `***` always. Values under 4 characters are refused unless `allow_short_secrets` is given with the call.",
  "EnvironmentSpec.secret_refs":
    "Secrets that are not kept here, by name: where they are read from each time that an execution needs them. No name may be in `variables` or `secrets` as well.",
  "SecretRef.env": "A variable of the process that runs the execution.",
  "SecretRef.file":
    "A file; its last line end does not count. Absolute, or with `~/`.",
  "SecretRef.keychain":
    "An item of the operating system's keychain, as `SERVICE/ACCOUNT`.",
  "WorkflowSpec.description":
    "One line for people who choose between workflows.",
  "WorkflowSpec.env": "The variables it reads, by name.",
  "WorkflowSpec.inputs":
    "Stigmer tasks: the inputs by name, each a type name or `{type, description, required, default}`.",
  "WorkflowSpec.tasks":
    "Stigmer tasks: `{name, agent, dependsOn, inputs, outputs}` and the like; 1 to 10,000 of them.",
  "WorkflowSpec.document":
    "Specification: `{dsl, namespace, name, version, title, summary, tags}`.",
  "WorkflowSpec.input":
    "Specification: `{schema, from}` of the workflow's input.",
  "WorkflowSpec.use":
    "Specification: what the tasks may name: errors, retries, functions, authentications, secrets, timeouts.",
  "WorkflowSpec.do":
    "Specification: the tasks, each an object of one key, its name.",
  "WorkflowSpec.timeout":
    "Specification: `{after}` or the name of a reusable timeout.",
  "WorkflowSpec.output":
    "Specification: `{schema, as}` of the workflow's output.",
  "WorkflowSpec.schedule": "Specification: when it starts by itself.",
  "WorkflowSpec.evaluate": "Specification: expression language and mode.",
  "WorkflowSpec.metadata": "Specification: free notes.",
  "WorkflowInstanceSpec.workflow_id":
    "The workflow: name, slug or id; stored as id. Required.",
  "WorkflowInstanceSpec.description": "One line for people.",
  "WorkflowInstanceSpec.environment_ids":
    "Environments, a later one overriding an earlier: name, slug or id; stored as ids.",
};
