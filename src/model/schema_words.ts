/**
 * What a validator of JSON Schemas says of a value, in our words.
 *
 * @module
 */

type Words = readonly [pattern: RegExp, words: (...found: string[]) => string];

const WORDS: readonly Words[] = [
  [
    /^Instance does not have required property "(.*)"\.$/s,
    (key) => `it needs "${key}"`,
  ],
  [
    /^Instance type "(.*)" is invalid\. Expected "(.*)"\.$/s,
    (type, expected) =>
      `it must be ${
        expected.split('", "').map(withArticle).join(" or ")
      }, and is ${withArticle(type)}`,
  ],
  [
    /^Instance does not match any of (\[.*\])\.$/s,
    (list) => `it must be one of ${list}`,
  ],
  [
    /^Instance does not match ([["{\d].*)\.$/s,
    (value) => `it must be ${value}`,
  ],
  [/^False boolean schema\.$/, () => "there may be nothing of that name"],
  [/^(?:Instance|String|Array) (.*)\.$/s, (rest) => `it ${rest}`],
  [/^(.*)\.$/s, (rest) => rest],
];

/** Says what is wrong with a value. */
export function schemaWords(said: string): string {
  for (const [pattern, words] of WORDS) {
    const found = pattern.exec(said);
    if (found !== null) return words(...found.slice(1));
  }
  return said;
}

function withArticle(type: string): string {
  if (type === "null") return type;
  return `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}
