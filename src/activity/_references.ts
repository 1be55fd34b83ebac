/**
 * Reads a document whose parts refer to one another with `$ref`.
 *
 * @module
 */

import { atPointer } from "../model/diagnostic.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { fault } from "./_fault.ts";

/** References that follow one another at the most. */
const REFERENCES_MAX = 32;

/** A document; it is a class for the root that all references need. */
export class ReferenceReader {
  readonly root: JsonObject;
  readonly uri: string;

  constructor(root: JsonObject, uri: string) {
    this.root = root;
    this.uri = uri;
  }

  /** The member as an object; what is none is an empty one. */
  object(from: JsonObject, key: string): JsonObject {
    return this.resolved(member(from, key));
  }

  /** The objects of a member that is an array. */
  list(from: JsonObject, key: string): readonly JsonObject[] {
    const value = member(from, key);
    return isJsonArray(value) ? value.map((it) => this.resolved(it)) : [];
  }

  /** The texts of a member that is an array, `undefined` when it is none. */
  texts(from: JsonObject, key: string): readonly string[] | undefined {
    const value = member(from, key);
    return isJsonArray(value)
      ? value.filter((it) => typeof it === "string")
      : undefined;
  }

  /** What a value is, or what it refers to in this document. */
  resolved(value: Json | undefined): JsonObject {
    let at = value;
    for (let i = 0; i < REFERENCES_MAX; i++) {
      if (!isJsonObject(at)) return {};
      const reference = member(at, "$ref");
      if (typeof reference !== "string") return at;
      at = this.#lookUp(reference);
    }
    throw fault(
      "configuration",
      `Cannot read "${this.uri}": its references go round in a circle`,
    );
  }

  #lookUp(reference: string): Json {
    if (!reference.startsWith("#")) {
      throw fault(
        "configuration",
        `Cannot read "${this.uri}": it refers to another document, ` +
          `"${reference}", bundle them into one`,
      );
    }
    const found = atPointer(this.root, decoded(reference.slice(1)));
    if (found !== undefined) return found;
    throw fault(
      "configuration",
      `Cannot read "${this.uri}": it refers to "${reference}", which it ` +
        "does not have",
    );
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
