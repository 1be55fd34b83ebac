/**
 * Functions and words of other languages, and what they are in this one.
 *
 * @module
 */

const MEANT: Readonly<Record<string, string>> = {
  avg: 'Write "add / length"',
  capitalize: 'Write "ascii_upcase"',
  coalesce: 'Write ".a // .b", which takes the first that is not null',
  concat: 'Write ".a + .b"',
  count: 'Write "length"',
  date: 'Write "now | todate"',
  default: 'Write ".a // VALUE", which takes VALUE where .a is null',
  exists: 'Write "has(\\"a\\")"',
  filter: 'Write "map(select(…))"',
  find: 'Write "first(.[] | select(…))"',
  foldl: 'Write "reduce"',
  fromJson: 'Write "fromjson"',
  includes: 'Write "contains(…)" of texts, "any(. == …)" of lists',
  int: 'Write "tonumber | floor"',
  json: 'Write "tojson", or "fromjson" the other way',
  len: 'Write "length"',
  list: 'Write "[…]"',
  lower: 'Write "ascii_downcase"',
  lowercase: 'Write "ascii_downcase"',
  nil: 'Write "null"',
  none: 'Write "null"',
  number: 'Write "tonumber"',
  parseInt: 'Write "tonumber | floor"',
  parseJson: 'Write "fromjson"',
  push: 'Write ". + [VALUE]"',
  replace: 'Write "gsub(PATTERN; TEXT)"',
  size: 'Write "length"',
  slice: 'Write ".[FROM:TO]"',
  str: 'Write "tostring"',
  string: 'Write "tostring"',
  stringify: 'Write "tojson"',
  strip: 'Write "trim"',
  substr: 'Write ".[FROM:TO]"',
  substring: 'Write ".[FROM:TO]"',
  sum: 'Write "add"',
  toInt: 'Write "tonumber | floor"',
  toJson: 'Write "tojson"',
  toLower: 'Write "ascii_downcase"',
  toLowerCase: 'Write "ascii_downcase"',
  toNumber: 'Write "tonumber"',
  toString: 'Write "tostring"',
  toUpper: 'Write "ascii_upcase"',
  toUpperCase: 'Write "ascii_upcase"',
  today: 'Write "now | todate"',
  typeof: 'Write "type"',
  undefined: 'Write "null"',
  upper: 'Write "ascii_upcase"',
  uppercase: 'Write "ascii_upcase"',
};

/** By the letters alone: `to_upper_case` is `toUpperCase`. */
const BY_LETTERS: ReadonlyMap<string, string> = new Map(
  Object.entries(MEANT).map(([name, hint]) => [lettersOf(name), hint]),
);

/** Says what a function of another language is here, if that is known. */
export function foreignFunction(name: string): string | undefined {
  return BY_LETTERS.get(lettersOf(name));
}

function lettersOf(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

const OPERATORS: Readonly<Record<string, string>> = {
  and: 'Write "and"',
  contains: 'Write "| contains(VALUE)"',
  in: 'Write "| IN(LIST[])"',
  includes: 'Write "| contains(VALUE)"',
  is: 'Write "=="',
  like: 'Write "| test(PATTERN)"',
  matches: 'Write "| test(PATTERN)"',
  not: 'Write "!=", or "not" behind a "|"',
  or: 'Write "or"',
};

/** Says what a word between two values is here, if that is known. */
export function foreignOperator(word: string): string | undefined {
  const name = word.toLowerCase();
  return Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
}
