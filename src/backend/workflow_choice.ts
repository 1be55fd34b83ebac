/**
 * Which workflow a task of `run: {workflow}` means: by its name, and by the
 * namespace and version of its document.
 *
 * @module
 */

import type { Definition } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  type Workflow,
  WorkflowSchema,
} from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { StigmerError } from "../model/error.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import type { Database } from "../store/driver.ts";
import type { ResourceRow } from "../store/resources.ts";
import { documentVersions, versionOfDocument } from "../store/versions.ts";
import { fromPlain } from "./resource_message.ts";
import { serversOf, type Target, type Template } from "./target.ts";

/** What a task says of a workflow besides its name. */
export interface DocumentQuery {
  /** Absent means any. */
  readonly namespace?: string;
  /** Absent means the newest. */
  readonly version?: string;
}

/** The word for the newest version. */
const LATEST = "latest";

/** Reads what a task writes. */
export function documentQuery(
  { namespace, version }: {
    readonly namespace: string;
    readonly version: string;
  },
): DocumentQuery {
  return version === LATEST ? { namespace } : { namespace, version };
}

/** The namespace and version of a workflow's document, where it has one. */
export interface DocumentHead {
  readonly namespace: string | undefined;
  readonly version: string | undefined;
}

/** Reads the head of a workflow's document out of its spec. */
export function documentHead(spec: Json | undefined): DocumentHead {
  const document = isJsonObject(spec) ? member(spec, "document") : undefined;
  const text = (key: string): string | undefined => {
    const value = isJsonObject(document) ? member(document, key) : undefined;
    return typeof value === "string" ? value : undefined;
  };
  return { namespace: text("namespace"), version: text("version") };
}

/** Says whether a document is the one that is asked for. */
export function isDocument(head: DocumentHead, query: DocumentQuery): boolean {
  return isNamespace(head, query) &&
    (query.version === undefined || query.version === head.version);
}

/** A workflow of Stigmer tasks has no namespace, and so is in every one. */
function isNamespace(
  head: DocumentHead,
  { namespace }: DocumentQuery,
): boolean {
  return namespace === undefined || head.namespace === undefined ||
    head.namespace === namespace;
}

/** Keeps the workflows out that came along but are not the ones meant. */
export function definitionsMeant(
  definitions: readonly Definition[],
  query: DocumentQuery,
): readonly Definition[] {
  return definitions.filter(({ resource }) =>
    resource.case !== "workflow" ||
    isDocument(headOf(resource.value), query)
  );
}

function headOf({ spec }: Workflow): DocumentHead {
  return documentHead({ document: toJson(spec?.document) });
}

/** A struct of the contract is plain JSON; the copy says so to the compiler. */
function toJson(struct: unknown): Json {
  return struct === undefined ? null : JSON.parse(JSON.stringify(struct));
}

/**
 * Gives an applied workflow at the version of its document that is asked for.
 *
 * @throws {StigmerError} NOT_FOUND, with the versions that there are.
 */
export function atDocument(
  database: Database,
  target: Target,
  query: DocumentQuery,
): Target {
  const { template, name, resourceId } = target;
  if (template.kind !== "Workflow" || resourceId === "") return target;
  const head = headOf(template.workflow);
  if (isDocument(head, query)) return target;
  const problem = documentProblem(database, {
    row: { id: resourceId, slug: name },
    head,
    query,
  });
  if (problem !== undefined) {
    throw new StigmerError("NOT_FOUND", `Cannot run ${problem}`);
  }
  const version = versionOfDocument(
    database,
    resourceId,
    query.version ?? "",
  );
  if (version === undefined) return target;
  const earlier: Template = {
    kind: "Workflow",
    workflow: fromPlain(WorkflowSchema, version.snapshot),
  };
  return {
    ...target,
    versionId: version.id,
    template: earlier,
    // It may name others than the newest one.
    servers: serversOf(database, earlier, []),
  };
}

/** Says why an applied workflow cannot be meant, or `undefined` when it can. */
export function documentProblem(
  database: Database,
  of: {
    readonly row: Pick<ResourceRow, "id" | "slug">;
    readonly head: DocumentHead;
    readonly query: DocumentQuery;
  },
): string | undefined {
  const { row, head, query } = of;
  const subject = `workflow "${row.slug}"`;
  if (!isNamespace(head, query)) {
    return `${subject} of namespace "${query.namespace}": it is of ` +
      `namespace "${head.namespace}"`;
  }
  const { version } = query;
  if (version === undefined || version === head.version) return undefined;
  const versions = documentVersions(database, row.id);
  if (versions.includes(version)) return undefined;
  return `version "${version}" of ${subject}: ${
    versions.length === 0
      ? "it has no versions, write latest"
      : `there is ${versions.join(", ")}`
  }`;
}
