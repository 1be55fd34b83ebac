/**
 * Fields that people know from elsewhere, and what they are called here.
 *
 * @module
 */

import type { DescMessage } from "@bufbuild/protobuf";
import { camelCase } from "./_node.ts";

/** Of a tool server, wherever it is written. */
const TRANSPORT: Readonly<Record<string, string>> = {
  command: 'Put it under "stdio"',
  args: 'Put it under "stdio"',
  cwd: 'Put it under "stdio"',
  url: 'Put it under "http"',
  headers: 'Put it under "http"',
  tools: meant("enabledTools"),
  docker: 'Write it as "stdio" with the command "docker"',
};

/** By message, then by the name in camel case. */
const HINTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AgentSpec: {
    prompt: meant("instructions"),
    system: meant("instructions"),
    systemPrompt: meant("instructions"),
    modelName: meant("model"),
    agents: meant("subAgents"),
    tools: meant("mcpServers"),
    servers: meant("mcpServers"),
    envSpec: meant("env"),
    environment: meant("env"),
    variables: meant("env"),
    schema: meant("outputSchema"),
    responseSchema: meant("outputSchema"),
  },
  AgentInstanceSpec: {
    agentRef: meant("agentId"),
    environmentRefs: meant("environmentIds"),
    envRefs: meant("environmentIds"),
  },
  WorkflowInstanceSpec: {
    workflowRef: meant("workflowId"),
    environmentRefs: meant("environmentIds"),
    envRefs: meant("environmentIds"),
  },
  WorkflowSpec: {
    steps: 'Did you mean "do" (with a document), or "tasks" (a graph)?',
    envSpec: meant("env"),
    outputs: meant("output"),
  },
  EnvironmentSpec: {
    vars: meant("variables"),
    env: meant("variables"),
    secret: meant("secrets"),
    refs: meant("secretRefs"),
    secretReferences: meant("secretRefs"),
  },
  SecretRef: {
    variable: meant("env"),
    var: meant("env"),
    path: meant("file"),
    keyring: meant("keychain"),
    value: "A reference says where the secret is, and never what it is",
  },
  EnvDeclaration: {
    value: meant("default"),
    isSecret: meant("secret"),
  },
  ModelSettings: {
    maxTokens: meant("maxOutputTokens"),
    fallback: meant("fallbacks"),
    contextLength: meant("contextWindow"),
    pricing: meant("price"),
    provider: 'Write the provider in the name, as "anthropic/NAME"',
  },
  McpServer: {
    ...TRANSPORT,
    env: 'Put it under "stdio"',
  },
  McpServerSpec: TRANSPORT,
  StdioTransport: {
    envPlaceholders: meant("env"),
    workingDir: meant("cwd"),
  },
  Metadata: {
    title: meant("name"),
    namespace: "There are no namespaces, remove it",
    org: "There are no organizations, remove it",
  },
};

function meant(name: string): string {
  return `Did you mean "${name}"?`;
}

/** Gives the hint for a field that a message does not have. */
export function fieldHint(
  message: DescMessage,
  key: string,
): string | undefined {
  const hints = Object.hasOwn(HINTS, message.name)
    ? HINTS[message.name]
    : undefined;
  const name = camelCase(key);
  return hints !== undefined && Object.hasOwn(hints, name)
    ? hints[name]
    : undefined;
}
