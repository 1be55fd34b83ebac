/**
 * Checks what every resource has: name, slug, labels, annotations and tags.
 *
 * @module
 */

import type { Metadata } from "../../gen/stigmer/backend/v1/metadata_pb.ts";
import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import { LABELS_MAX, NAME_LENGTH_MAX } from "../model/limits.ts";
import { isSlug, SLUG_LENGTH_MAX, slugOf } from "../model/slug.ts";
import { error } from "./_check_rules.ts";
import { byteLength, byteWords } from "./_limits.ts";

/** Characters of a label's or annotation's key at the most. */
const LABEL_KEY_LENGTH_MAX = 63;
/** Characters of a label's value, and of a tag, at the most. */
const LABEL_VALUE_LENGTH_MAX = 256;
/** Characters of an annotation's key at the most. */
const ANNOTATION_KEY_LENGTH_MAX = 256;
/** Bytes of an annotation's value at the most. */
const ANNOTATION_SIZE_BYTES_MAX: number = 64 * 1024;

const CONTROL_REGEXP = /\p{Cc}/u;

/** Checks the metadata of a resource. */
export function checkMetadata(
  metadata: Metadata | undefined,
  kind: string,
): Diagnostic[] {
  if (metadata === undefined || metadata.name === "") {
    return [error("/metadata/name", `${kind} has no name, add metadata.name`)];
  }
  return [
    ...checkName(metadata),
    ...checkLabels(metadata.labels, "/metadata/labels"),
    ...checkAnnotations(metadata.annotations),
    ...checkTags(metadata.tags),
  ];
}

function checkName({ name, slug }: Metadata): Diagnostic[] {
  const pointer = "/metadata/name";
  const found: Diagnostic[] = [];
  if (characters(name) > NAME_LENGTH_MAX) {
    const message = `A name may have ${NAME_LENGTH_MAX} characters, this has ${
      characters(name)
    }`;
    found.push(error(pointer, message));
  } else if (CONTROL_REGEXP.test(name) || name.trim() !== name) {
    const message =
      "A name cannot hold control characters, or begin or end with space";
    found.push(error(pointer, message));
  }
  if (slug !== "" && !isSlug(slug)) {
    const near = slugOf(slug);
    const hint = near === undefined ? {} : { hint: `Did you mean "${near}"?` };
    const message =
      `"${slug}" is no slug: lower-case letters, digits and single hyphens, up to ${SLUG_LENGTH_MAX} characters`;
    found.push(error("/metadata/slug", message, hint));
  } else if (slug === "" && slugOf(name) === undefined) {
    const message = `No slug can be made of the name "${name}"`;
    const hint = "Add metadata.slug";
    found.push(error(pointer, message, { hint }));
  }
  return found;
}

/** Checks the labels that stand under a pointer. */
export function checkLabels(
  labels: Readonly<Record<string, string>>,
  root: string,
): Diagnostic[] {
  return [
    ...checkCount(Object.keys(labels).length, root, "labels"),
    ...Object.entries(labels).flatMap(([key, value]) => [
      ...checkKey(key, pointerTo(root, key), LABEL_KEY_LENGTH_MAX),
      ...checkWord(value, pointerTo(root, key), `Label "${key}"`),
    ]),
  ];
}

function checkAnnotations(
  annotations: Readonly<Record<string, string>>,
): Diagnostic[] {
  const root = "/metadata/annotations";
  const found = checkCount(
    Object.keys(annotations).length,
    root,
    "annotations",
  );
  for (const [key, value] of Object.entries(annotations)) {
    const pointer = pointerTo(root, key);
    found.push(...checkKey(key, pointer, ANNOTATION_KEY_LENGTH_MAX));
    if (byteLength(value) > ANNOTATION_SIZE_BYTES_MAX) {
      const size = byteWords(ANNOTATION_SIZE_BYTES_MAX);
      found.push(error(pointer, `Annotation "${key}" is longer than ${size}`));
    }
  }
  return found;
}

function checkTags(tags: readonly string[]): Diagnostic[] {
  const root = "/metadata/tags";
  const seen = new Set<string>();
  return [
    ...checkCount(tags.length, root, "tags"),
    ...tags.flatMap((tag, i) => {
      const pointer = pointerTo(root, i);
      if (tag === "") return [error(pointer, "A tag is empty")];
      if (seen.has(tag)) {
        return [error(pointer, `Tag "${tag}" is given twice`)];
      }
      seen.add(tag);
      return checkWord(tag, pointer, "A tag");
    }),
  ];
}

function checkCount(
  count: number,
  pointer: string,
  what: string,
): Diagnostic[] {
  if (count <= LABELS_MAX) return [];
  const message =
    `A resource may have ${LABELS_MAX} ${what}, this has ${count}`;
  return [error(pointer, message, { atKey: true })];
}

function checkKey(
  key: string,
  pointer: string,
  lengthMax: number,
): Diagnostic[] {
  const message = key === ""
    ? "A key is empty"
    : characters(key) > lengthMax
    ? `A key may have ${lengthMax} characters, this has ${characters(key)}`
    : CONTROL_REGEXP.test(key)
    ? "A key cannot hold control characters"
    : undefined;
  return message === undefined
    ? []
    : [error(pointer, message, { atKey: true })];
}

function checkWord(word: string, pointer: string, what: string): Diagnostic[] {
  if (characters(word) > LABEL_VALUE_LENGTH_MAX) {
    const message =
      `${what} may have ${LABEL_VALUE_LENGTH_MAX} characters, this has ${
        characters(word)
      }`;
    return [error(pointer, message)];
  }
  return CONTROL_REGEXP.test(word)
    ? [error(pointer, `${what} cannot hold control characters`)]
    : [];
}

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
