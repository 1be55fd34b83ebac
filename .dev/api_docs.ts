/**
 * Writes docs/api.md from the comments of the contract: `deno run -A
 * .dev/api_docs.ts` writes it, `--check` says whether it is up to date.
 *
 * @module
 */

import { type MethodName, ROLE_OF } from "../src/backend/caller.ts";
import {
  type Contract,
  type ContractCall,
  type ContractField,
  type ContractType,
  readContract,
} from "./contract.ts";
import { markdownTable, writeOrCheckPage } from "./generated_page.ts";

/** Where the reference stands. */
export const API_DOCS_PATH = "docs/api.md";

const HEAD = `# The API

<!-- Written by .dev/api_docs.ts from proto/ and src/backend/caller.ts; do not edit. -->

One contract, the same in process and over the network: the CLI is a client of
it, and so is a [script in TypeScript](../README.md#from-typescript) by
\`openBackend\`. A server answers it as Connect, gRPC-Web and
[gRPC](grpc.md): a call is \`POST /stigmer.backend.v1.BackendService/NAME\` with
the request as JSON, \`content-type: application/json\` and
\`authorization: Bearer TOKEN\`. The files are in [proto/](../proto/).`;

const NOTES =
  `Names of fields are those of JSON. A field that is absent has its empty value.
A stream sends responses one after another until it ends. Who may make a call is
the least [role](cloud.md#tokens-and-roles) of a token; in local mode nobody is
asked.`;

/** Writes the reference of the contract. */
export function apiReference(contract: Contract): string {
  const types = new Map(contract.types.map((it) => [it.name, it]));
  const ofCalls = new Set(
    contract.calls.flatMap((it) => [it.request, it.response]),
  );
  const referred = new Set(
    contract.types.flatMap((it) => it.fields.map((field) => field.refersTo)),
  );
  const rest = contract.types
    .filter((it) => !ofCalls.has(it.name) || referred.has(it.name))
    .toSorted((a, b) => a.name < b.name ? -1 : 1);
  return [
    HEAD,
    contract.doc,
    NOTES,
    "## Calls",
    markdownTable(
      ["Call", "Role", "What it does"],
      contract.calls.map((it) => [
        link(it.name),
        roleOf(it),
        firstSentence(it.doc, it.name),
      ]),
    ),
    ...contract.calls.map((it) => callSection(it, types)),
    "## Types",
    ...rest.map((it) => typeSection(it)),
  ].join("\n\n") + "\n";
}

function callSection(
  call: ContractCall,
  types: ReadonlyMap<string, ContractType>,
): string {
  const says = [
    `Role: ${roleOf(call)}.`,
    call.isRead ? "Changes nothing." : "",
    call.isStream ? "A stream." : "",
  ].filter((it) => it !== "").join(" ");
  return [
    `### ${call.name}`,
    call.doc,
    says,
    fieldTable("Request", types.get(call.request)),
    fieldTable("Response", types.get(call.response)),
  ].join("\n\n");
}

function fieldTable(title: string, type: ContractType | undefined): string {
  if (type === undefined) throw new Error(`${title}: there is no such type`);
  if (type.fields.length === 0) return `${title}: nothing.`;
  return markdownTable(
    [title, "Type", "Meaning"],
    type.fields.map((it) => [`\`${it.name}\``, typeCell(it), it.doc]),
  );
}

function typeSection(type: ContractType): string {
  const rows = type.fields;
  const table = type.kind === "enum"
    ? markdownTable(
      ["Value", "Meaning"],
      rows.map((it) => [`\`${it.name}\``, it.doc]),
    )
    : fieldTable("Field", type);
  return [`### ${type.name}`, type.doc, table].join("\n\n");
}

function typeCell(field: ContractField): string {
  const { type, refersTo, oneOf } = field;
  const shown = refersTo === undefined
    ? type
    : type.replace(refersTo, link(refersTo));
  return oneOf === undefined ? shown : `${shown}, one of ${oneOf}`;
}

function link(name: string): string {
  return `[${name}](#${name.toLowerCase().replaceAll(".", "")})`;
}

function roleOf({ name }: ContractCall): string {
  const method = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  return ROLE_OF[method as MethodName];
}

/** The first sentence, without the name that it begins with. */
function firstSentence(doc: string, name: string): string {
  const sentence = /^[^]*?\.(?=\s|$)/.exec(doc)?.[0] ?? doc;
  return sentence.replace(`${name} `, "").replaceAll("\n", " ");
}

if (import.meta.main) {
  await writeOrCheckPage(API_DOCS_PATH, apiReference(await readContract()));
}
