/**
 * What the views of resources have in common.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type Resource,
  ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type {
  Audit,
  EnvDeclaration,
  Metadata,
} from "../../gen/stigmer/backend/v1/metadata_pb.ts";
import {
  ageOf,
  type Fact,
  labelsFact,
  timeFact,
  type ViewColumn,
} from "./view.ts";

/** What resources of every kind have. */
export interface Common {
  readonly metadata?: Metadata | undefined;
  readonly status?: { readonly audit?: Audit | undefined } | undefined;
}

/** What other commands take for a resource. */
export function slugOfResource(item: Common): string {
  return item.metadata?.slug ?? "";
}

/** The columns that begin a table. */
export function leadingColumns<T extends Common>(): readonly ViewColumn<T>[] {
  return [
    { header: "SLUG", whole: true, value: slugOfResource },
    { header: "NAME", spare: 1, value: (it) => it.metadata?.name ?? "" },
  ];
}

/** The columns that end a table. */
export function trailingColumns<T extends Common>(): readonly ViewColumn<T>[] {
  return [
    {
      header: "VERSION",
      right: true,
      value: (it) => String(it.metadata?.version?.number ?? ""),
    },
    {
      header: "AGE",
      right: true,
      value: (it, nowMs) => ageOf(it.status?.audit?.createdAt, nowMs),
    },
    {
      header: "UPDATED",
      right: true,
      wide: true,
      value: (it, nowMs) => ageOf(it.status?.audit?.updatedAt, nowMs),
    },
    {
      header: "LABELS",
      wide: true,
      value: (it) => labelsFact(it.metadata?.labels ?? {}),
    },
    {
      header: "ID",
      wide: true,
      whole: true,
      value: (it) => it.metadata?.id ?? "",
    },
  ];
}

/** The facts that begin a description. */
export function leadingFacts(item: Common): readonly Fact[] {
  const metadata = item.metadata;
  return [
    ["Name", metadata?.name ?? ""],
    ["Slug", metadata?.slug ?? ""],
    ["Id", metadata?.id ?? ""],
  ];
}

/** The facts that end a description. */
export function trailingFacts(item: Common, nowMs: number): readonly Fact[] {
  const { metadata, status } = item;
  const version = metadata?.version;
  const message = version === undefined || version.message === ""
    ? ""
    : `: ${version.message}`;
  return [
    ["Labels", labelsFact(metadata?.labels ?? {})],
    ["Tags", metadata?.tags.join(", ") ?? ""],
    ["Version", version === undefined ? "" : `${version.number}${message}`],
    ["Created", timeFact(status?.audit?.createdAt, nowMs)],
    ["Updated", timeFact(status?.audit?.updatedAt, nowMs)],
  ];
}

/** Lists the variables that a template reads. */
export function envFact(
  env: Readonly<Record<string, EnvDeclaration>>,
): string {
  return Object.entries(env).map(([name, it]) =>
    [
      name,
      it.required ? " (required)" : "",
      it.default === undefined ? "" : ` = ${it.default}`,
      it.description === "" ? "" : `  ${it.description}`,
    ].join("")
  ).join("\n");
}

/** Writes a resource as the manifest that it could have come from. */
export async function manifestYaml(
  resource: Resource["resource"],
): Promise<string> {
  const { printResource } = await import("../manifest/print.ts");
  return printResource(create(ResourceSchema, { resource }), "yaml");
}
