/**
 * Resources that come with a request to run them without applying them.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type Resource,
  ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Definition } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { Workflow } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { checkResource } from "../manifest/check_resource.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { invalidArgument } from "../model/error.ts";
import { BATCH_SIZE_MAX } from "../model/limits.ts";
import { didYouMean } from "../model/near.ts";
import type { Database } from "../store/driver.ts";
import { findResource, knownNames } from "../store/resources.ts";
import { agentReferences } from "../workflow/references.ts";
import { refusedDefinition } from "./resource_context.ts";
import { inlineTemplate } from "./target.ts";
import { planOf } from "./workflow_plan.ts";

/**
 * Checks definitions as applying them would, agents they name included.
 *
 * @throws {StigmerError} INVALID_ARGUMENT with the diagnostics of the first
 * definition that has errors.
 */
export function checkDefinitions(
  database: Database,
  definitions: readonly Definition[],
): void {
  if (definitions.length > BATCH_SIZE_MAX) {
    throw invalidArgument(
      `Cannot execute with ${definitions.length} definitions, ` +
        `at most ${BATCH_SIZE_MAX} are taken`,
    );
  }
  for (const definition of definitions) {
    const { name, resource } = named(definition);
    refuseErrors(name, checkResource(resource));
    if (resource.resource.case !== "workflow") continue;
    refuseErrors(
      name,
      unknownAgents(database, {
        workflow: resource.resource.value,
        definitions,
      }),
    );
  }
}

function named(
  definition: Definition,
): { readonly name: string; readonly resource: Resource } {
  const { resource } = definition;
  if (resource.case === undefined) {
    throw invalidArgument("Cannot execute an empty definition");
  }
  return {
    name: `${resource.case} "${resource.value.metadata?.name ?? ""}"`,
    resource: create(ResourceSchema, { resource }),
  };
}

function refuseErrors(
  name: string,
  diagnostics: readonly Diagnostic[],
): void {
  const errors = diagnostics.filter((it) => it.severity === "error");
  if (errors.length > 0) throw refusedDefinition(`execute ${name}`, errors);
}

function unknownAgents(
  database: Database,
  options: {
    readonly workflow: Workflow;
    readonly definitions: readonly Definition[];
  },
): readonly Diagnostic[] {
  const { workflow, definitions } = options;
  const inline = definitions.flatMap(({ resource }) =>
    resource.case === "agent" ? [resource.value.metadata?.name ?? ""] : []
  );
  return agentReferences(planOf(workflow)).filter(({ name }) =>
    inlineTemplate(definitions, { kind: "Agent", name }) === undefined &&
    findResource(database, "Agent", name) === undefined
  ).map(({ name, pointer }) => ({
    severity: "error",
    pointer: `/spec${pointer}`,
    message: `Unknown agent "${name}"`,
    ...didYouMean(name, [...inline, ...knownNames(database, "Agent")]),
  }));
}
