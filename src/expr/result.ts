/**
 * What a program gives as JSON: within its size, and without what JSON has
 * not.
 *
 * @module
 */

import { isJsonArray, type Json } from "../model/json.ts";

/** A value that is larger than it may be. */
export class TooLarge {}

/** Makes JSON of a value; what is JSON already stays the same. */
export function asJson(value: Json, bytesMax: number): Json {
  return new Reader(bytesMax).read(value);
}

class Reader {
  #left: number;

  constructor(bytesMax: number) {
    this.#left = bytesMax;
  }

  #take(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw new TooLarge();
  }

  read(value: Json): Json {
    switch (typeof value) {
      case "number":
        this.#take(1);
        return Number.isFinite(value) ? value : finite(value);
      case "string":
        this.#take(value.length + 2);
        return value.isWellFormed() ? value : value.toWellFormed();
      case "boolean":
        this.#take(4);
        return value;
      default:
        break;
    }
    this.#take(2);
    if (value === null) return value;
    return isJsonArray(value) ? this.#items(value) : this.#members(value);
  }

  #items(items: readonly Json[]): Json {
    let changed: Json[] | undefined;
    this.#take(items.length);
    for (let i = 0; i < items.length; i++) {
      const item = items[i] ?? null;
      const read = this.read(item);
      if (read === item) continue;
      changed ??= items.slice();
      changed[i] = read;
    }
    return changed ?? items;
  }

  #members(object: Readonly<Record<string, Json>>): Json {
    const keys = Object.keys(object);
    const changes: [string, Json][] = [];
    for (const key of keys) {
      const member = object[key] ?? null;
      this.#take(key.length + 4);
      const read = this.read(member);
      if (read !== member || !key.isWellFormed()) changes.push([key, read]);
    }
    if (changes.length === 0) return object;
    const changed = new Map(changes);
    return Object.fromEntries(keys.map((key) => [
      key.toWellFormed(),
      changed.get(key) ?? object[key] ?? null,
    ]));
  }
}

/** JSON has no infinity: as jq does, the largest number stands for it. */
function finite(value: number): number | null {
  if (Number.isNaN(value)) return null;
  return value > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE;
}
