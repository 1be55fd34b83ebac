/**
 * URLs as a model writes them, in the one form that rules are held against.
 *
 * @module
 */

import { type Reading, valueOf, wrong } from "./parameters.ts";

/** A secret that is opened for the call only, as it stands in a text. */
export const REFERENCE: RegExp = /‹sealed:[^›]*›/g;
const STAND_IN = /sealed-reference-(\d+)-/g;

/** Reads a URL: without a fragment, its parts as a browser writes them. */
export function readUrl(text: string): Reading {
  const references: string[] = [];
  // What is escaped is a reference no more.
  const plain = text.trim().replace(REFERENCE, (reference) => {
    references.push(reference);
    return `sealed-reference-${references.length - 1}-`;
  });
  const url = URL.parse(plain);
  if (url === null) return wrong(`"${text}" is no URL`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return wrong(`"${url.protocol}" is neither http nor https`);
  }
  if (url.username !== "" || url.password !== "") {
    return wrong("it has a name or a password in it");
  }
  if (references.length > 0 && /sealed-reference/.test(url.host)) {
    return wrong("a secret cannot be its host");
  }
  url.hash = "";
  // A dot at the end is the same host under another name.
  url.hostname = url.hostname.replace(/\.$/, "");
  return valueOf(
    url.href.replace(STAND_IN, (whole, i) => references[Number(i)] ?? whole),
  );
}
