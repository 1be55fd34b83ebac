/**
 * Classes of characters in regular expressions, by Unicode.
 *
 * @module
 */

/** Says whether a character, by its code point, is one of a class. */
export type CharTest = (code: number) => boolean;

const POSIX: Readonly<Record<string, string>> = {
  alnum: "\\p{Alphabetic}\\p{Nd}",
  alpha: "\\p{Alphabetic}",
  ascii: "\\x00-\\x7f",
  blank: "\\p{Zs}\\t",
  cntrl: "\\p{Cc}",
  digit: "\\p{Nd}",
  graph: "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}",
  lower: "\\p{Lowercase}",
  print: "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Zs}",
  punct: "\\p{P}$+<=>^`|~",
  space: "\\s\\x85",
  upper: "\\p{Uppercase}",
  word: "\\p{L}\\p{M}\\p{N}\\p{Pc}",
  xdigit: "0-9a-fA-F",
};

/** The class of characters that words are made of. */
export const isWord: CharTest = lateClass(POSIX.word ?? "");
const isDigit = lateClass(POSIX.digit ?? "");
const isSpace = lateClass(POSIX.space ?? "");

/** A class that is made with the first question: few programs ask one. */
function lateClass(members: string): CharTest {
  let test: CharTest | undefined;
  return (code) => (test ??= classOf(members))(code);
}

function classOf(members: string): CharTest {
  const pattern = new RegExp(`^[${members}]$`, "u");
  const ascii = Array.from(
    { length: 128 },
    (_, code) => pattern.test(String.fromCharCode(code)),
  );
  return (code) =>
    code < 128
      ? ascii[code] === true
      : pattern.test(String.fromCodePoint(code));
}

/** The class of `[:name:]`. */
export function namedClass(name: string): CharTest | undefined {
  if (!Object.hasOwn(POSIX, name)) return undefined;
  const members = POSIX[name];
  return members === undefined ? undefined : classOf(members);
}

/** The class of `\p{name}`, of `\p{^name}` too. */
export function propertyClass(name: string): CharTest | undefined {
  if (name.startsWith("^")) {
    const test = propertyClass(name.slice(1));
    return test === undefined ? undefined : (code) => !test(code);
  }
  const plain = name.toLowerCase().replaceAll(/[\s_-]/g, "");
  const posix = namedClass(plain);
  if (posix !== undefined) return posix;
  for (const form of [name, `Script=${name}`]) {
    if (!/^[\w=]+$/.test(form)) return undefined;
    try {
      return classOf(`\\p{${form}}`);
    } catch {
      continue;
    }
  }
  return undefined;
}

/** The class of `\d`, `\w` or `\s`, or of what is none of these. */
export function escapedClass(char: string): CharTest | undefined {
  switch (char) {
    case "d":
      return isDigit;
    case "D":
      return (code) => !isDigit(code);
    case "w":
      return isWord;
    case "W":
      return (code) => !isWord(code);
    case "s":
      return isSpace;
    case "S":
      return (code) => !isSpace(code);
    default:
      return undefined;
  }
}
