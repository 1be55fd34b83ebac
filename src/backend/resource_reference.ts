/**
 * What a resource refers to: found in the store and written as ids.
 *
 * @module
 */

import { McpServerSpecSchema } from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  member,
} from "../model/json.ts";
import { KINDS, type ManifestKind } from "../model/kind.ts";
import { didYouMean } from "../model/near.ts";
import { CATALOG_NAMES } from "../model/tool_server.ts";
import type { Database } from "../store/driver.ts";
import {
  ambiguousText,
  knownNames,
  lookUp,
  resourceById,
  type ResourceRow,
} from "../store/resources.ts";
import { checkWorkflow } from "../workflow/check.ts";
import {
  agentReferences,
  type ServerReference,
  serverReferences as taskServerReferences,
  workflowReferences,
} from "../workflow/references.ts";
import { agentWords, circleThrough } from "./agent_circles.ts";
import {
  hiddenFaults,
  serverPointer,
  serverReferences,
} from "./agent_servers.ts";
import type { Draft } from "./resource_draft.ts";
import { contentFault, skillReferences } from "./agent_skills.ts";
import { PUSH_HINT } from "./skill_content.ts";
import {
  documentHead,
  documentProblem,
  type DocumentQuery,
  documentQuery,
} from "./workflow_choice.ts";
import { storedNameFaults } from "./agent_server_names.ts";
import { fromPlain } from "./resource_message.ts";
import { hiddenToolFaults, taskServerHint } from "./workflow_servers.ts";

/** How a tool server gets known. */
const APPLY_HINT = "Apply it first, or put it into the same set";
const SERVER_HINT =
  "Apply it first, or give its name alone where it is of the catalog";

/** A spec whose references are ids, or what is wrong with them. */
export interface ResolvedSpec {
  readonly spec: JsonObject;
  readonly diagnostics: readonly Diagnostic[];
}

/** One reference, as it stands in a definition. */
export interface Reference {
  /** The kind it must lead to. */
  readonly kind: ManifestKind | "Skill";
  /** Name, slug or id. */
  readonly word: string;
  /** JSON pointer of it, from the root of the resource. */
  readonly pointer: string;
  /** What the document of a workflow must be. */
  readonly document?: DocumentQuery;
  /** The task of a workflow that names a tool server. */
  readonly ofTask?: ServerReference;
  /** Which content of a skill is meant, as `NAME@TAG`; `word` is its name. */
  readonly content?: string;
}

/** What is known of references that lead to nothing stored. */
export interface Surroundings {
  /**
   * Says of a missing one whether it is missing because it was refused just
   * before, which is another thing to say than "did you mean".
   */
  readonly isRefused?: (reference: Reference) => boolean;
  /** Says whether it will be there when all is stored. */
  readonly isComing?: (reference: Reference) => boolean;
  /** Whether earlier contents of skills may come with history, afterwards. */
  readonly hasHistory?: boolean;
  /** What is about to be stored along with it. */
  readonly drafts?: readonly Draft[];
  /** The references of the draft, where they were found before. */
  readonly references?: readonly Reference[];
}

/** Finds everything that a draft refers to. */
export function resolveReferences(
  database: Database,
  draft: Draft,
  around: Surroundings = {},
): ResolvedSpec {
  const ids = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  for (const reference of around.references ?? referencesOf(draft)) {
    const circle = circleOf(database, { draft, reference, around });
    if (circle !== undefined) {
      diagnostics.push(circle);
      continue;
    }
    if (isItself(reference, draft) || around.isComing?.(reference)) continue;
    const found = resolve(database, reference, around);
    if (typeof found === "string") ids.set(reference.pointer, found);
    else diagnostics.push(found);
  }
  const spec = withIds(database, draft, ids);
  if (draft.kind === "Agent") {
    diagnostics.push(
      ...hiddenFaults(database, spec),
      ...storedNameFaults(draft.spec, spec),
    );
  }
  return { spec, diagnostics };
}

/** Says that an agent would be handed its own work back. */
function circleOf(
  database: Database,
  { draft, reference, around }: {
    readonly draft: Draft;
    readonly reference: Reference;
    readonly around: Surroundings;
  },
): Diagnostic | undefined {
  const { word, pointer } = reference;
  if (draft.kind !== "Agent" || reference.kind !== "Agent") return undefined;
  const { drafts = [] } = around;
  const way = circleThrough(database, draft, { word, drafts });
  if (way === undefined) return undefined;
  const message = `Agents hand work to one another in a circle: ${way}`;
  return { severity: "error", pointer, message };
}

/** A workflow may run itself, also before it is stored. */
function isItself({ kind, word }: Reference, draft: Draft): boolean {
  return kind === draft.kind && (word === draft.slug || word === draft.name);
}

/** Lists what a draft refers to; of a large workflow that takes its time. */
export function referencesOf(draft: Draft): readonly Reference[] {
  switch (draft.kind) {
    case "Agent":
      return [
        ...subAgentReferences(draft),
        ...skillReferences(draft.spec),
        ...serverReferences(draft.spec),
      ];
    case "Environment":
    case "McpServer":
      return [];
    case "AgentInstance":
      return [
        ...templateReference(draft, "Agent", "agentId"),
        ...environmentReferences(draft),
      ];
    case "WorkflowInstance":
      return [
        ...templateReference(draft, "Workflow", "workflowId"),
        ...environmentReferences(draft),
      ];
    case "Workflow":
      return usedByWorkflow(draft.spec, draft.name);
  }
}

/** Lists what the tasks of a workflow name: agents, workflows, tool servers. */
export function usedByWorkflow(
  spec: JsonObject,
  name: string,
): readonly Reference[] {
  const { plan } = checkWorkflow(spec, { name, isStored: true });
  if (plan === undefined) return [];
  return [
    ...agentReferences(plan).map((it): Reference => ({
      kind: "Agent",
      word: it.name,
      pointer: `/spec${it.pointer}`,
    })),
    ...workflowReferences(plan).map((it): Reference => ({
      kind: "Workflow",
      word: it.name,
      pointer: `/spec${it.pointer}`,
      document: documentQuery(it),
    })),
    ...taskServerReferences(plan).map((it): Reference => ({
      kind: "McpServer",
      word: it.name,
      pointer: `/spec${it.pointer}`,
      ofTask: it,
    })),
  ];
}

/** Gives the id that a reference leads to, or what is wrong with it. */
function resolve(
  database: Database,
  reference: Reference,
  { isRefused, hasHistory = false }: Surroundings,
): string | Diagnostic {
  const { kind, word, pointer, content } = reference;
  const found = lookUp(database, kind, word);
  switch (found.kind) {
    case "found":
      if (content !== undefined) {
        const fault = hasHistory ? undefined : contentFault(database, content);
        return fault === undefined
          ? found.row.id
          : { severity: "error", pointer, ...fault };
      }
      return documentFault(database, reference, found.row) ??
        toolFault(reference, found.row) ?? found.row.id;
    case "ambiguous":
      return {
        severity: "error",
        pointer,
        message: ambiguousText(kind, word, found.slugs),
      };
    case "missing":
      if (isRefused?.(reference)) {
        return {
          severity: "error",
          pointer,
          message: `The ${KINDS[kind].singular} "${word}" is refused itself`,
        };
      }
      return {
        severity: "error",
        pointer,
        message: `There is no ${KINDS[kind].singular} "${word}"`,
        ...(kind === "Skill" ? { hint: PUSH_HINT } : {}),
        ...(kind === "McpServer" ? { hint: SERVER_HINT } : {}),
        ...(kind === "Agent" || kind === "Workflow" || kind === "Environment"
          ? { hint: APPLY_HINT }
          : {}),
        ...(reference.ofTask === undefined
          ? didYouMean(word, namesNear(database, kind))
          : taskServerHint(word, knownNames(database, kind))),
      };
  }
}

/** Whoever means a tool server of the catalog may think that it is applied. */
function namesNear(
  database: Database,
  kind: Reference["kind"],
): readonly string[] {
  const known = [...knownNames(database, kind)];
  return kind === "McpServer" ? [...known, ...CATALOG_NAMES] : known;
}

/** Says that a task calls a tool that its server keeps to itself. */
function toolFault(
  { ofTask }: Reference,
  { spec }: ResourceRow,
): Diagnostic | undefined {
  if (ofTask === undefined) return undefined;
  const [fault] = hiddenToolFaults(
    fromPlain(McpServerSpecSchema, spec),
    ofTask,
  );
  return fault;
}

/** Says what is wrong with the document of a workflow that was found. */
function documentFault(
  database: Database,
  { document, pointer }: Reference,
  row: ResourceRow,
): Diagnostic | undefined {
  const problem = document === undefined
    ? undefined
    : documentProblem(database, {
      row,
      head: documentHead(row.spec),
      query: document,
    });
  if (problem === undefined) return undefined;
  return { severity: "error", pointer, message: `There is no ${problem}` };
}

function templateReference(
  draft: Draft,
  kind: ManifestKind,
  key: string,
): readonly Reference[] {
  const word = member(draft.spec, key);
  if (typeof word !== "string" || word === "") return [];
  return [{ kind, word, pointer: `/spec/${key}` }];
}

function subAgentReferences({ spec }: Draft): readonly Reference[] {
  return agentWords(spec).flatMap((word, i): Reference[] => {
    const pointer = `${pointerTo("/spec/subAgents", i)}/agent`;
    return word === "" ? [] : [{ kind: "Agent", word, pointer }];
  });
}

function environmentReferences(draft: Draft): readonly Reference[] {
  const words = member(draft.spec, "environmentIds");
  if (!isJsonArray(words)) return [];
  return words.map((word, i) => ({
    kind: "Environment",
    word: String(word),
    pointer: pointerTo("/spec/environmentIds", i),
  }));
}

/** Writes found ids where the references stood; tasks keep their words. */
function withIds(
  database: Database,
  draft: Draft,
  ids: ReadonlyMap<string, string>,
): JsonObject {
  if (draft.kind === "Workflow") return draft.spec;
  const spec: Record<string, JsonObject[string]> = { ...draft.spec };
  for (const key of ["agentId", "workflowId"]) {
    const id = ids.get(`/spec/${key}`);
    if (id !== undefined) spec[key] = id;
  }
  const subAgents = member(draft.spec, "subAgents");
  if (isJsonArray(subAgents)) {
    spec.subAgents = subAgents.map((sub, i) => {
      const id = ids.get(`${pointerTo("/spec/subAgents", i)}/agent`);
      return isJsonObject(sub) && id !== undefined
        ? { ...sub, agent: id }
        : sub;
    });
  }
  const servers = member(draft.spec, "mcpServers");
  if (isJsonArray(servers)) {
    spec.mcpServers = servers.map((server, i) => {
      const id = ids.get(serverPointer(i));
      if (!isJsonObject(server) || id === undefined) return server;
      // Its name is pinned with it: rules and filters go by names.
      const slug = resourceById(database, "McpServer", id)?.slug ?? "";
      // As the contract orders fields: the same spec is the same text.
      return { name: slug, ...server, server: id };
    });
  }
  const words = member(draft.spec, "environmentIds");
  if (isJsonArray(words)) {
    spec.environmentIds = words.map((word, i) =>
      ids.get(pointerTo("/spec/environmentIds", i)) ?? word
    );
  }
  return spec;
}
