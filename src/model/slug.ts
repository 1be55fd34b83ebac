/**
 * Slugs: the short name of a resource that commands and references use.
 *
 * @module
 */

/** Characters of a slug at the most, as in a DNS label. */
export const SLUG_LENGTH_MAX = 63;

const SLUG_REGEXP = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/**
 * Derives a slug from a name: lower case, accents dropped, everything else
 * that is no letter or digit of ASCII a single hyphen.
 *
 * @returns The slug, or `undefined` when nothing of the name is left; then the
 * resource must give its slug itself.
 */
export function slugOf(name: string): string | undefined {
  const slug = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-").slice(0, SLUG_LENGTH_MAX)
    .replaceAll(/^-+|-+$/g, "");
  return slug === "" ? undefined : slug;
}

/** Says whether a text is a slug. */
export function isSlug(text: string): boolean {
  return text.length <= SLUG_LENGTH_MAX && SLUG_REGEXP.test(text) &&
    !text.includes("--");
}
