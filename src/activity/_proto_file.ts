/**
 * Reads the description of a service: a `.proto` file with what it imports.
 *
 * @module
 */

import type { Method, ReflectionObject, Root, Service } from "protobufjs";
import type { ActivityContext } from "../model/durable.ts";
import { messageOf } from "../model/error.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import { Fault, fault } from "./_fault.ts";
import { type Documents, isSameOrigin, uriOf } from "./documents.ts";

/** Files of one description at the most. */
const FILES_MAX = 100;
const BUNDLED = /^google\/protobuf\/[\w/]+\.proto$/;

type Library = typeof import("protobufjs");

/** Loads a description with its imports, which stand beside it. */
export async function loadProto(
  endpoint: Json,
  options: {
    readonly library: Library;
    readonly documents: Documents;
    readonly context: ActivityContext;
  },
): Promise<Root> {
  const { library, documents, context } = options;
  const root = new library.Root();
  const seen = new Set<string>();
  const load = async (at: Json, depth: number): Promise<void> => {
    if (depth > FILES_MAX || seen.size >= FILES_MAX) {
      throw fault(
        "configuration",
        `Cannot read "${uriOf(endpoint)}": it imports more than ${FILES_MAX} ` +
          "files",
      );
    }
    const { uri, text } = await documents.text(at, context);
    if (seen.has(uri)) return;
    seen.add(uri);
    for (const name of parseInto(root, { library, uri, text })) {
      if (BUNDLED.test(name) && addBundled(root, { library, name })) continue;
      await load(besides(endpoint, { uri, name }), depth + 1);
    }
  };
  await load(endpoint, 0);
  try {
    root.resolveAll();
    return root;
  } catch (error) {
    throw fault(
      "configuration",
      `Cannot read "${uriOf(endpoint)}": ${messageOf(error)}`,
    );
  }
}

/** Finds a method of a service. */
export function findMethod(
  root: Root,
  names: { readonly service: string; readonly method: string },
): { readonly method: Method; readonly path: string } {
  const service = findService(root, names.service);
  const method = Object.hasOwn(service.methods, names.method)
    ? service.methods[names.method]
    : undefined;
  if (method === undefined) {
    throw fault(
      "configuration",
      `Service "${names.service}" has no method "${names.method}"${
        hintOf(names.method, Object.keys(service.methods))
      }`,
    );
  }
  return { method, path: `/${service.fullName.slice(1)}/${method.name}` };
}

function findService(root: Root, name: string): Service {
  const services = servicesOf(root.nestedArray);
  const found = services.find((it) =>
    it.fullName === `.${name.replace(/^\./, "")}`
  );
  if (found !== undefined) return found;
  const names = services.map((it) => it.fullName.slice(1));
  throw fault(
    "configuration",
    `The description has no service "${name}"${
      hintOf(name, names) || `, only ${names.join(", ") || "none"}`
    }`,
  );
}

function hintOf(name: string, names: readonly string[]): string {
  const { hint } = didYouMean(name, names);
  return hint === undefined ? "" : `. ${hint}`;
}

function servicesOf(objects: readonly ReflectionObject[]): Service[] {
  return objects.flatMap((it) => {
    if ("methods" in it) return [it as Service];
    const inside: unknown = Reflect.get(it, "nestedArray");
    return Array.isArray(inside) ? servicesOf(inside) : [];
  });
}

function parseInto(
  root: Root,
  { library, uri, text }: {
    readonly library: Library;
    readonly uri: string;
    readonly text: string;
  },
): readonly string[] {
  try {
    const parsed = library.parse(text, root, { keepCase: true });
    return [...parsed.imports ?? [], ...parsed.weakImports ?? []];
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw fault(
      "configuration",
      `Cannot read "${uri}" as a description of services: ${messageOf(error)}`,
    );
  }
}

/** Adds what the library brings along; says whether it does. */
function addBundled(
  root: Root,
  { library, name }: { readonly library: Library; readonly name: string },
): boolean {
  const known = library.common.get(name);
  if (known === null) return false;
  root.addJSON(known.nested ?? {});
  return true;
}

/**
 * An import, beside the file that imports it; with the authentication of the
 * first, where that is for the same server. A file may have been fetched from
 * elsewhere, or have moved there, and cannot lead to files of this machine.
 */
function besides(
  first: Json,
  { uri, name }: { readonly uri: string; readonly name: string },
): Json {
  const next = URL.parse(name, uri);
  if (next === null || (!/^file:/i.test(uri) && next.protocol === "file:")) {
    throw fault(
      "configuration",
      `Cannot read "${uri}": it imports "${name}", which ` +
        (next === null ? "is no address" : "is a file of this machine"),
    );
  }
  return isJsonObject(first) && isSameOrigin(next.href, uriOf(first))
    ? { ...first, uri: next.href }
    : { uri: next.href };
}
