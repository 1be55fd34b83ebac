/**
 * Twelve secrets of odd shapes, made anew for each run so that nothing else
 * has them by chance.
 *
 * @module
 */

/** A secret and why it is odd. */
export interface OddSecret {
  readonly name: string;
  readonly value: string;
}

/** Characters of the long one. */
const LONG_LENGTH = 8192;

/** Makes the twelve; the seed tells runs apart. */
export function oddSecrets(seed: string): readonly OddSecret[] {
  const base64 = btoa(`${seed}-in-base64-already`);
  return [
    { name: "PLAIN", value: `tok_${seed}_plain` },
    { name: "QUOTES", value: `a'b"c\`${seed}\\'d"` },
    { name: "PEM", value: pem(seed) },
    {
      name: "JSON_OBJECT",
      value: JSON.stringify({ user: `u-${seed}`, password: `p"${seed}"\\w` }),
    },
    { name: "UNICODE", value: `pässwörd-🔑-${seed}-漢字` },
    { name: "SPACES", value: `  ${seed} with spaces at its ends  ` },
    { name: "SHELL", value: `$(echo ${seed}) \`id\` \${HOME} !x;&|` },
    { name: "URL_LIKE", value: `https://me:p%40ss+${seed}@host/?a=b&c=d#e` },
    { name: "BASE64_LIKE", value: base64 },
    { name: "FOUR", value: `${fourOf(seed)}` },
    {
      name: "LONG",
      value: longOf(seed),
    },
    { name: "ESCAPES", value: `\\n\\x41\\u0041%41&amp;<${seed}>\t\u0001` },
  ];
}

function longOf(seed: string): string {
  const count = Math.ceil(LONG_LENGTH / (seed.length + 4));
  return Array.from(
    { length: count },
    (_, i) => `${seed}:${String(i * 7919 % 1000).padStart(3, "0")}`,
  ).join("").slice(0, LONG_LENGTH);
}

function pem(seed: string): string {
  const body = btoa(`${seed}|`.repeat(20)).match(/.{1,64}/g) ?? [];
  return [
    `-----BEGIN ${seed.toUpperCase()} KEY-----`,
    ...body,
    `-----END ${seed.toUpperCase()} KEY-----`,
    "",
  ].join("\n");
}

/** Four characters that no word, number or id has. */
function fourOf(seed: string): string {
  const marks = "§¶¤¦±µ¿¡";
  return [...seed].slice(-4)
    .map((char) => marks[char.charCodeAt(0) % marks.length]).join("");
}
