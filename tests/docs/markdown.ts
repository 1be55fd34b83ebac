/**
 * What tests read of a page in Markdown: its fenced blocks with the mark that
 * stands above them, its links and its anchors.
 *
 * @module
 */

/** A fenced block of a page. */
export interface Block {
  /** The first word behind the fence; empty when there is none. */
  readonly language: string;
  /** The other words there. */
  readonly info: string;
  readonly text: string;
  /** The line of the fence, from 1. */
  readonly line: number;
  /** The heading of the second level that it stands below. */
  readonly section: string;
  /** What the comment right above it says, as `not run: needs Windows`. */
  readonly mark?: string;
}

/** A link of a page, as it is written. */
export interface Link {
  readonly target: string;
  readonly line: number;
}

const FENCE = /^( *)(`{3,})(\S*) *(.*)$/;
const MARK = /^ *<!-- (.+?) -->$/;
const LINK = /(?<!\\)\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g;
const AUTOLINK = /<((?:https?|mailto|ftp):[^>\s]+)>/g;
const DEFINITION = /^\[[^\]]+\]: +(\S+)/;

/** Reads the fenced blocks of a page, in order. */
export function blocksOf(page: string): readonly Block[] {
  const lines = page.split("\n");
  const blocks: Block[] = [];
  let section = "";
  let mark: string | undefined;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const [fence, indent = "", ticks = "", language = "", info = ""] =
      FENCE.exec(line) ?? [];
    if (fence === undefined) {
      section = /^## +(.*)$/.exec(line)?.[1] ?? section;
      // A mark counts for the block below it, whatever blank lines between.
      if (line.trim() !== "") mark = MARK.exec(line)?.[1];
      continue;
    }
    const end = lines.indexOf(indent + ticks, i + 1);
    if (end < 0) throw new Error(`Line ${i + 1}: this block has no end`);
    const text = lines.slice(i + 1, end)
      .map((it) => it.startsWith(indent) ? it.slice(indent.length) : it)
      .map((it) => `${it}\n`).join("");
    const block = { language, info, text, line: i + 1, section };
    blocks.push(mark === undefined ? block : { ...block, mark });
    mark = undefined;
    i = end;
  }
  return blocks;
}

/** A page without its fenced blocks, line for line. */
export function proseOf(page: string): readonly string[] {
  const lines = page.split("\n");
  for (const { line, text } of blocksOf(page)) {
    const count = text.split("\n").length + 1;
    lines.fill("", line - 1, line - 1 + count);
  }
  return lines;
}

/** Reads the links of a page, those in code left out. */
export function linksOf(page: string): readonly Link[] {
  return proseOf(page).flatMap((prose, i) => {
    const text = prose.replaceAll(/`[^`]*`/g, "``");
    const targets = [
      ...[...text.matchAll(LINK)].map((it) => it[1] ?? ""),
      ...[...text.matchAll(AUTOLINK)].map((it) => it[1] ?? ""),
      ...DEFINITION.exec(text)?.slice(1) ?? [],
    ];
    return targets.map((target) => ({ target, line: i + 1 }));
  });
}

/** The anchors that GitHub gives the headings of a page. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const line of proseOf(page)) {
    for (const [, id = ""] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) {
      anchors.add(id);
    }
    const heading = /^#{1,6} +(.*?)(?: +#+)?$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const slug = anchorOf(heading);
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Signs are left out, spaces become dashes, as github-slugger does it. */
function anchorOf(heading: string): string {
  return heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}
