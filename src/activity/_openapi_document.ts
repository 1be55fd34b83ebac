/**
 * Finds an operation in an OpenAPI document of version 2.0 or 3.x, and says
 * the same of either.
 *
 * @module
 */

import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import { fault } from "./_fault.ts";
import { ReferenceReader } from "./_references.ts";

const METHODS: readonly string[] = [
  "get",
  "put",
  "post",
  "delete",
  "options",
  "head",
  "patch",
  "trace",
];

/** Where a parameter goes. */
export type ParameterPlace = "path" | "query" | "header" | "cookie" | "form";

/** A parameter of an operation. */
export interface Parameter {
  readonly name: string;
  readonly in: ParameterPlace;
  readonly required: boolean;
  readonly style: string;
  readonly explode: boolean;
  /** Whether reserved characters of a query stay as they are. */
  readonly allowReserved: boolean;
  /** Whether it is written as JSON: 3.x parameters with `content`. */
  readonly isJson: boolean;
  /** What it is when nothing is given. */
  readonly default: Json | undefined;
  /** Whether it is a file of a form. */
  readonly isFile: boolean;
}

/** The body of an operation. */
export interface RequestBody {
  /** Its name among the parameters, besides `body`. */
  readonly name: string | undefined;
  readonly required: boolean;
  /** Media types, the preferred first. */
  readonly mediaTypes: readonly string[];
  /** Members of its object, by the schema; `undefined` when it tells none. */
  readonly members: readonly string[] | undefined;
  readonly requiredMembers: readonly string[];
}

/** An operation. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly server: string;
  readonly parameters: readonly Parameter[];
  readonly body: RequestBody | undefined;
  /** Media types of its answers. */
  readonly accept: readonly string[];
}

interface Found {
  readonly method: string;
  readonly path: string;
  readonly item: JsonObject;
  readonly operation: JsonObject;
}

/** Finds an operation by its id. */
export function findOperation(
  { uri, content }: { readonly uri: string; readonly content: Json },
  operationId: string,
): Operation {
  const root = isJsonObject(content) ? content : {};
  const isOld = String(member(root, "swagger") ?? "").startsWith("2.");
  if (!isOld && !String(member(root, "openapi") ?? "").startsWith("3.")) {
    throw fault(
      "configuration",
      `Cannot call "${operationId}": "${uri}" is no OpenAPI document of ` +
        "version 2.0 or 3.x",
    );
  }
  const reader = new DocumentReader(new ReferenceReader(root, uri));
  const found = reader.find(operationId);
  return isOld ? reader.readOld(found) : reader.readNew(found);
}

/** Reads one document. */
class DocumentReader {
  readonly #at: ReferenceReader;

  constructor(at: ReferenceReader) {
    this.#at = at;
  }

  find(operationId: string): Found {
    const ids: string[] = [];
    for (
      const [path, value] of Object.entries(
        this.#at.object(this.#at.root, "paths"),
      )
    ) {
      const item = this.#at.resolved(value);
      for (const method of METHODS) {
        const operation = this.#at.resolved(member(item, method));
        const id = member(operation, "operationId");
        if (id === operationId) return { method, path, item, operation };
        if (typeof id === "string") ids.push(id);
      }
    }
    const { hint } = didYouMean(operationId, ids);
    throw fault(
      "configuration",
      `Cannot call "${operationId}": "${this.#at.uri}" has no operation of that ` +
        `id${hint === undefined ? "" : `. ${hint}`}`,
    );
  }

  readNew({ method, path, item, operation }: Found): Operation {
    const servers = [operation, item, this.#at.root].map((it) =>
      member(it, "servers")
    ).find((it) => isJsonArray(it) && it.length > 0);
    const [server] = isJsonArray(servers) ? servers : [];
    return {
      method: method.toUpperCase(),
      path,
      server: this.#serverUrl(server),
      parameters: this.#parameters(item, operation).map((it) =>
        this.#newParameter(it)
      ),
      body: this.#newBody(this.#at.resolved(member(operation, "requestBody"))),
      accept: Object.values(this.#at.object(operation, "responses")).flatMap(
        (it) => Object.keys(this.#at.object(this.#at.resolved(it), "content")),
      ),
    };
  }

  readOld({ method, path, item, operation }: Found): Operation {
    const all = this.#parameters(item, operation);
    const body = all.find((it) => member(it, "in") === "body");
    const consumes = this.#at.texts(operation, "consumes") ??
      this.#at.texts(this.#at.root, "consumes") ?? [];
    const forms = all.filter((it) => member(it, "in") === "formData");
    return {
      method: method.toUpperCase(),
      path,
      server: this.#oldServer(operation),
      parameters: all.filter((it) => it !== body).map((it) =>
        this.#oldParameter(it)
      ),
      body: body === undefined
        ? (forms.length === 0 ? undefined : formBody(forms, consumes))
        : {
          name: String(member(body, "name") ?? "body"),
          required: member(body, "required") === true,
          mediaTypes: consumes.length === 0 ? ["application/json"] : consumes,
          ...this.#membersOf(member(body, "schema")),
        },
      accept: this.#at.texts(operation, "produces") ??
        this.#at.texts(this.#at.root, "produces") ?? [],
    };
  }

  /** Those of the path, replaced by those of the operation. */
  #parameters(item: JsonObject, operation: JsonObject): JsonObject[] {
    const found = new Map<string, JsonObject>();
    for (const from of [item, operation]) {
      const list = member(from, "parameters");
      for (const value of isJsonArray(list) ? list : []) {
        const parameter = this.#at.resolved(value);
        const key = `${member(parameter, "in")} ${member(parameter, "name")}`;
        found.set(key, parameter);
      }
    }
    return [...found.values()];
  }

  #newParameter(json: JsonObject): Parameter {
    const place = placeOf(member(json, "in"));
    const style = String(member(json, "style") ?? defaultStyle(place));
    const schema = this.#at.resolved(member(json, "schema"));
    const explode = member(json, "explode");
    return {
      name: String(member(json, "name") ?? ""),
      in: place,
      required: place === "path" || member(json, "required") === true,
      style,
      explode: typeof explode === "boolean" ? explode : style === "form",
      allowReserved: member(json, "allowReserved") === true,
      isJson: member(json, "content") !== undefined,
      default: member(schema, "default"),
      isFile: false,
    };
  }

  #oldParameter(json: JsonObject): Parameter {
    const place = placeOf(member(json, "in"));
    const format = String(member(json, "collectionFormat") ?? "csv");
    return {
      name: String(member(json, "name") ?? ""),
      in: place,
      required: place === "path" || member(json, "required") === true,
      style: OLD_STYLES[format] ?? defaultStyle(place),
      explode: format === "multi",
      allowReserved: false,
      isJson: false,
      default: member(json, "default"),
      isFile: member(json, "type") === "file",
    };
  }

  #newBody(json: JsonObject): RequestBody | undefined {
    const content = this.#at.object(json, "content");
    const mediaTypes = Object.keys(content);
    if (Object.keys(json).length === 0) return undefined;
    const preferred = mediaTypes.toSorted((a, b) =>
      preference(a) - preference(b)
    );
    const first = this.#at.resolved(member(content, preferred[0] ?? ""));
    return {
      name: undefined,
      required: member(json, "required") === true,
      mediaTypes: preferred,
      ...this.#membersOf(member(first, "schema")),
    };
  }

  #membersOf(
    value: Json | undefined,
  ): Pick<RequestBody, "members" | "requiredMembers"> {
    const schema = this.#at.resolved(value);
    const parts = [schema, ...this.#at.list(schema, "allOf")];
    const members = parts.flatMap((it) =>
      Object.keys(this.#at.object(it, "properties"))
    );
    return {
      members: members.length === 0 ? undefined : members,
      requiredMembers: parts.flatMap((it) =>
        this.#at.texts(it, "required") ?? []
      ),
    };
  }

  #serverUrl(value: Json | undefined): string {
    const server = this.#at.resolved(value);
    const variables = this.#at.object(server, "variables");
    const url = String(member(server, "url") ?? "/").replaceAll(
      /\{([^{}]+)\}/g,
      (all, name: string) => {
        const given = member(this.#at.object(variables, name), "default");
        return given === undefined ? all : String(given);
      },
    );
    return this.#absolute(url);
  }

  #oldServer(operation: JsonObject): string {
    const schemes = this.#at.texts(operation, "schemes") ??
      this.#at.texts(this.#at.root, "schemes");
    const here = URL.parse(this.#at.uri);
    const own = here?.protocol.replace(/:$/, "") ?? "";
    const scheme = ["https", "http"].find((it) => schemes?.includes(it)) ??
      (own.startsWith("http") ? own : "https");
    const host = member(this.#at.root, "host");
    const basePath = String(member(this.#at.root, "basePath") ?? "");
    if (typeof host === "string") return `${scheme}://${host}${basePath}`;
    return this.#absolute(basePath === "" ? "/" : basePath);
  }

  /** An address as it is meant in this document. */
  #absolute(url: string): string {
    const base = this.#at.uri.startsWith("http") ? this.#at.uri : undefined;
    const absolute = URL.parse(url, base);
    if (absolute !== null && absolute.protocol.startsWith("http")) {
      return absolute.href;
    }
    throw fault(
      "configuration",
      `Cannot call a server at "${url}": "${this.#at.uri}" does not say its host`,
    );
  }
}

/** Collection formats of 2.0 in the words of 3.x. */
const OLD_STYLES: Readonly<Record<string, string>> = {
  multi: "form",
  ssv: "spaceDelimited",
  pipes: "pipeDelimited",
  tsv: "tabDelimited",
};

function formBody(
  forms: readonly JsonObject[],
  consumes: readonly string[],
): RequestBody {
  const hasFile = forms.some((it) => member(it, "type") === "file");
  const multipart = "multipart/form-data";
  const isMultipart = hasFile ||
    (consumes.includes(multipart) &&
      !consumes.includes("application/x-www-form-urlencoded"));
  return {
    name: undefined,
    required: false,
    mediaTypes: [isMultipart ? multipart : "application/x-www-form-urlencoded"],
    members: undefined,
    requiredMembers: [],
  };
}

function placeOf(value: Json | undefined): ParameterPlace {
  switch (value) {
    case "path":
    case "header":
    case "cookie":
      return value;
    case "formData":
      return "form";
    default:
      return "query";
  }
}

function defaultStyle(place: ParameterPlace): string {
  return place === "path" || place === "header" ? "simple" : "form";
}

/** JSON first, then forms, then the rest. */
function preference(mediaType: string): number {
  const type = mediaType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "application/json") return 0;
  if (type.endsWith("+json") || type === "*/*") return 1;
  if (type === "application/x-www-form-urlencoded") return 2;
  if (type === "multipart/form-data") return 3;
  return 4;
}
