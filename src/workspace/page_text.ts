/**
 * HTML as text that a model reads: headings, lists, links and blocks of code
 * are kept, scripts and styles are not. It reads a page once, from front to
 * back, and makes no tree of it.
 *
 * @module
 */

/** What nobody reads on a page. */
const UNREAD: ReadonlySet<string> = new Set([
  "script",
  "style",
  "noscript",
  "template",
  "svg",
  "iframe",
  "object",
]);
/** What stands in lines of its own. */
const BLOCKS: ReadonlySet<string> = new Set(
  ("address article aside blockquote body br dd details div dl dt fieldset " +
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html li main " +
    "nav ol p pre section summary table tbody tfoot thead title tr ul").split(
      " ",
    ),
);
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  copy: "©",
  reg: "®",
  hellip: "…",
  mdash: "—",
  ndash: "–",
  lsquo: "‘",
  rsquo: "’",
  ldquo: "“",
  rdquo: "”",
  laquo: "«",
  raquo: "»",
  bull: "•",
  middot: "·",
  times: "×",
  rarr: "→",
  larr: "←",
};
const TAG = /<(?:!--|([!/?]?)([a-zA-Z][^\s/>]*)?)/g;

/** Makes text of a page. */
export function pageText(html: string, base: string): string {
  const page = new Page(base);
  let at = 0;
  while (at < html.length) {
    TAG.lastIndex = at;
    const match = TAG.exec(html);
    if (match === null) {
      page.text(html.slice(at));
      break;
    }
    page.text(html.slice(at, match.index));
    at = afterTag(html, match, page);
  }
  return page.result();
}

/** Takes what begins with `<`; says where it goes on behind it. */
function afterTag(html: string, match: RegExpExecArray, page: Page): number {
  const [whole, sign = "", rawName] = match;
  if (whole === "<!--") {
    const end = html.indexOf("-->", match.index + 4);
    return end < 0 ? html.length : end + 3;
  }
  const name = rawName?.toLowerCase();
  if (name === undefined && sign === "") {
    page.text("<");
    return match.index + 1;
  }
  const end = tagEnd(html, match.index + whole.length);
  if (name === undefined || sign === "!" || sign === "?") return end;
  if (sign === "/") {
    page.close(name);
    return end;
  }
  if (UNREAD.has(name)) return unreadEnd(html, name, end);
  page.open(name, html.slice(match.index + whole.length, end - 1));
  return end;
}

/** Where a tag ends; a `>` in quotes is none of it. */
function tagEnd(html: string, from: number): number {
  let quote = "";
  for (let at = from; at < html.length; at++) {
    const char = html[at] ?? "";
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if (char === ">") return at + 1;
    else if ((char === '"' || char === "'") && html[at - 1] === "=") {
      quote = char;
    }
  }
  return html.length;
}

/** Where an element ends that nobody reads. */
function unreadEnd(html: string, name: string, from: number): number {
  if (html[from - 2] === "/" && name === "svg") return from;
  const closing = new RegExp(`</${name}(?=[\\s/>])`, "gi");
  closing.lastIndex = from;
  const match = closing.exec(html);
  return match === null ? html.length : tagEnd(html, match.index + 2);
}

/** A page as far as it was read. */
class Page {
  readonly #base: string;
  readonly #parts: string[] = [];
  #preformatted = 0;
  /** Whether a line has just begun, so that no space begins it. */
  #isFresh = true;
  #link: string | undefined;

  constructor(base: string) {
    this.#base = base;
  }

  text(raw: string): void {
    const text = decoded(raw);
    if (this.#preformatted > 0) return this.#put(text);
    const joined = text.replace(/\s+/g, " ");
    const shown = this.#isFresh ? joined.trimStart() : joined;
    if (shown !== "") this.#put(shown);
  }

  open(name: string, attributes: string): void {
    if (BLOCKS.has(name)) this.#break();
    if (/^h[1-6]$/.test(name)) this.#put(`${"#".repeat(Number(name[1]))} `);
    else if (name === "li") this.#put("- ");
    else if (name === "pre") this.#pre("```\n", 1);
    else if (name === "hr") this.#put("---\n");
    else if (name === "td" || name === "th") this.#put(" | ");
    else if (name === "img") this.#put(attribute(attributes, "alt"));
    else if (name === "a") this.#link = attribute(attributes, "href");
    if (/^(?:h[1-6]|li|td|th)$/.test(name)) this.#isFresh = true;
  }

  close(name: string): void {
    if (name === "a") this.#endLink();
    if (name === "pre" && this.#preformatted > 0) this.#pre("\n```", -1);
    if (BLOCKS.has(name)) this.#break();
    if (/^(?:h[1-6]|p|pre|ul|ol|table)$/.test(name)) this.#break();
  }

  result(): string {
    return this.#parts.join("").replace(/[ \t]+\n/g, "\n").replace(
      /\n{3,}/g,
      "\n\n",
    ).trim();
  }

  #pre(fence: string, change: 1 | -1): void {
    this.#put(fence);
    this.#preformatted += change;
  }

  #endLink(): void {
    const link = this.#link ?? "";
    this.#link = undefined;
    if (link === "" || link.startsWith("#") || /^javascript:/i.test(link)) {
      return;
    }
    const url = URL.parse(link, this.#base)?.href;
    if (url !== undefined) this.#put(` (${url})`);
  }

  #break(): void {
    this.#parts.push("\n");
    this.#isFresh = true;
  }

  #put(text: string): void {
    if (text === "") return;
    this.#parts.push(text);
    this.#isFresh = /\s$/.test(text);
  }
}

function attribute(text: string, name: string): string {
  const match = new RegExp(
    `(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`,
    "i",
  ).exec(text);
  return decoded(match?.[1] ?? match?.[2] ?? match?.[3] ?? "");
}

function decoded(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/g,
    (whole, decimal, hex, name) => {
      if (name !== undefined) {
        return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] ?? whole : whole;
      }
      const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
