/**
 * Writes out what manifests may abbreviate, before the contract is asked.
 *
 * | written | meant |
 * |---|---|
 * | `mcpServers: [github]` | `mcpServers: [{name: github}]` |
 * | `subAgents: [reviewer]` | `subAgents: [{agent: reviewer}]` |
 * | `model: anthropic/x` | `model: {name: anthropic/x}` |
 * | `config: {model, temperature: "0.7", max_tokens: "2000"}` | `model: {name, temperature, maxOutputTokens}` |
 * | a model named `claude-…`, `gpt-…` | `anthropic/claude-…`, `openai/gpt-…` |
 * | `env: {KEY: text}`, `env: {KEY: }` | `env: {KEY: {default: text}}`, `env: {KEY: {}}` |
 * | `data: {KEY: {value: text}}` of an environment | `variables: {KEY: text}` |
 * | `data: {KEY: {value: text, is_secret: true}}` of an environment | `secrets: {KEY: text}` |
 * | `agent`, `workflow`, `environments` of an instance | `agentId`, `workflowId`, `environmentIds` |
 * | `is_secret`, `value` of a variable in `env` | `secret`, `default` |
 * | `depends_on` of a task | `dependsOn` |
 * | `env_spec: {data}`, `budget` of a workflow | `env`, `timeout` |
 *
 * New nodes take the places of the old ones, so diagnostics about the
 * written-out form point at what is in the file.
 *
 * @module
 */

import type { ManifestKind } from "../model/kind.ts";
import { asWritten, inside, type Place } from "./_decode_scalar.ts";
import { modelOf } from "./_model_shorthand.ts";
import {
  camelCase,
  entryOf,
  impliedEntry,
  isNull,
  mapAt,
  type SourceEntry,
  type SourceMap,
  type SourceNode,
  valueOf,
} from "./_node.ts";
import { addError, addWarning } from "./_report.ts";
import { upstreamSpec } from "./_upstream_shorthand.ts";

/** Writes out every shorthand of a spec. */
export function writeOut(
  kind: ManifestKind,
  spec: SourceNode,
  at: Place,
): SourceNode {
  if (spec.kind !== "map") return spec;
  switch (kind) {
    case "Agent":
      return agentSpec(spec, at);
    case "Workflow":
      return eachEntry(upstreamSpec(spec, at), workflowEntry);
    case "Environment":
      return environmentSpec(spec, at);
    case "AgentInstance":
    case "WorkflowInstance":
      return eachEntry(spec, instanceEntry);
    case "McpServer":
      return eachEntry(
        spec,
        (entry) =>
          camelCase(entry.key) === "env"
            ? withValue(entry, declarations(entry.value))
            : entry,
      );
  }
}

function eachEntry(
  map: SourceMap,
  change: (entry: SourceEntry) => SourceEntry,
): SourceMap {
  return { ...map, entries: map.entries.map(change) };
}

function withValue(entry: SourceEntry, value: SourceNode): SourceEntry {
  return { ...entry, value };
}

function agentSpec(spec: SourceMap, at: Place): SourceNode {
  const merged = modelOf(spec, at);
  return eachEntry(merged, (entry) => {
    switch (camelCase(entry.key)) {
      case "mcpServers":
        return withValue(entry, eachItem(entry.value, serverOf));
      case "subAgents":
        return withValue(
          entry,
          eachItem(entry.value, (item) => subAgentOf(item, at)),
        );
      case "env":
        return withValue(entry, declarations(entry.value));
      default:
        return entry;
    }
  });
}

function eachItem(
  node: SourceNode,
  change: (item: SourceNode) => SourceNode,
): SourceNode {
  return node.kind === "list"
    ? { ...node, items: node.items.map(change) }
    : node;
}

function serverOf(node: SourceNode): SourceNode {
  return node.kind === "scalar" && typeof node.value === "string"
    ? mapAt(node, [impliedEntry("name", node)])
    : node;
}

function subAgentOf(node: SourceNode, at: Place): SourceNode {
  if (node.kind === "scalar" && typeof node.value === "string") {
    return mapAt(node, [impliedEntry("agent", node)]);
  }
  if (node.kind !== "map") return node;
  // It has no `config`: that is of older files, which have no sub-agents.
  const { entries } = node;
  const config = entries.filter((it) => it.key === "config");
  const rest = entries.filter((it) => it.key !== "config");
  const { entries: written } = modelOf({ ...node, entries: rest }, at);
  return { ...node, entries: [...written, ...config] };
}

function declarations(node: SourceNode): SourceNode {
  if (node.kind !== "map") return node;
  return eachEntry(node, (entry) => withValue(entry, declaration(entry.value)));
}

function declaration(node: SourceNode): SourceNode {
  if (isNull(node)) return mapAt(node, []);
  if (node.kind === "scalar") {
    return mapAt(node, [impliedEntry("default", asWritten(node))]);
  }
  if (node.kind !== "map") return node;
  return eachEntry(node, declarationPart);
}

function declarationPart(entry: SourceEntry): SourceEntry {
  switch (entry.key) {
    case "default":
      return withValue(entry, asWritten(entry.value));
    case "value":
      return { ...entry, key: "default", value: asWritten(entry.value) };
    case "is_secret":
    case "isSecret":
      return { ...entry, key: "secret" };
    default:
      return entry;
  }
}

function workflowEntry(entry: SourceEntry): SourceEntry {
  switch (entry.key) {
    case "env":
      return withValue(entry, declarations(entry.value));
    case "tasks":
      return withValue(entry, eachItem(entry.value, taskOf));
    default:
      return entry;
  }
}

function taskOf(node: SourceNode): SourceNode {
  if (node.kind !== "map" || valueOf(node, "dependsOn") !== undefined) {
    return node;
  }
  return eachEntry(
    node,
    (entry) =>
      entry.key === "depends_on" ? { ...entry, key: "dependsOn" } : entry,
  );
}

const INSTANCE_FIELDS: Readonly<Record<string, string>> = {
  agent: "agentId",
  workflow: "workflowId",
  environments: "environmentIds",
};

function instanceEntry(entry: SourceEntry): SourceEntry {
  const key = Object.hasOwn(INSTANCE_FIELDS, entry.key)
    ? INSTANCE_FIELDS[entry.key]
    : undefined;
  return key === undefined ? entry : { ...entry, key };
}

function environmentSpec(spec: SourceMap, at: Place): SourceNode {
  const data = entryOf(spec, "data");
  const isMixed = ["variables", "secrets"].some((key) =>
    valueOf(spec, key) !== undefined
  );
  if (data === undefined || data.value.kind !== "map" || isMixed) return spec;
  const { secrets, variables } = Object.groupBy(
    data.value.entries,
    ({ value }) => isSecret(value) ? "secrets" : "variables",
  );
  const parts: SourceEntry[] = [{
    ...data,
    key: "variables",
    value: valuesOf(data.value, variables ?? [], inside(at, "variables")),
  }];
  if (secrets !== undefined) {
    parts.push({
      ...data,
      key: "secrets",
      value: valuesOf(data.value, secrets, inside(at, "secrets")),
    });
  }
  const entries = spec.entries.flatMap((it) => it === data ? parts : [it]);
  return { ...spec, entries };
}

/** Says whether `{value, is_secret}` is a secret. */
function isSecret(node: SourceNode): boolean {
  const flag = valueOf(node, "is_secret") ?? valueOf(node, "isSecret") ??
    valueOf(node, "secret");
  return flag?.kind === "scalar" && flag.value !== false && flag.value !== null;
}

function valuesOf(
  data: SourceMap,
  written: readonly SourceEntry[],
  at: Place,
): SourceMap {
  const entries = written.flatMap((entry) => {
    const value = valueIn(entry, inside(at, entry.key));
    return value === undefined ? [] : [withValue(entry, value)];
  });
  return { ...data, entries };
}

/** Takes the value out of `{value, is_secret, description}`. */
function valueIn(entry: SourceEntry, at: Place): SourceNode | undefined {
  const node = entry.value;
  if (node.kind !== "map") return node;
  for (const part of node.entries) checkPart(entry.key, part, at);
  const value = valueOf(node, "value");
  if (value !== undefined && !isNull(value)) return asWritten(value);
  if (!at.report.broken.has(at.pointer)) {
    const message = `Variable "${entry.key}" has no value`;
    addError(at.report, { span: entry.keySpan, pointer: at.pointer, message });
  }
  return undefined;
}

const PARTS: ReadonlySet<string> = new Set(["value", "secret", "isSecret"]);

function checkPart(variableName: string, part: SourceEntry, at: Place): void {
  const name = camelCase(part.key);
  const finding = { span: part.keySpan, pointer: at.pointer };
  if (PARTS.has(name)) return;
  if (name === "description") {
    const message = `The description of variable "${variableName}" is not kept`;
    addWarning(at.report, { ...finding, message, hint: "Make it a comment" });
  } else {
    const message = `Unknown field "${part.key}" of variable "${variableName}"`;
    addError(at.report, {
      ...finding,
      message,
      hint: 'Give its "value" alone',
    });
  }
}
