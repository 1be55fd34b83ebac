/**
 * A page of the docs, run from top to bottom: its files are written, and its
 * command lines print what stands below them.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import { createPlace, type Place } from "./program.ts";
import {
  addPrograms,
  blocksIn,
  checkShown,
  linesOf,
  type RanLine,
  runLine,
  type Shown,
} from "./shown.ts";
import { isShown } from "../docs/transcript.ts";

const DOCS = new URL("../../docs/", import.meta.url);
/** The first line of a block that is a file. */
const NAMED = /^(?:# (\S+\.yaml)|<!-- (\S+\.md) -->)\n/;

/** What is special about a page; each is given the place that it runs in. */
export interface PageOptions {
  /** The heading of the only part of it that is run; default all of it. */
  readonly section?: string;
  /** Command lines that it shows at the least. */
  readonly commandsMin: number;
  /** Makes what is there before. */
  readonly prepare?: (place: Place) => Promise<void>;
  /** Writes a file of the page. */
  readonly write?: (place: Place, name: string, text: string) => Promise<void>;
  /** Runs a line; default as a shell does. */
  readonly run?: (place: Place, line: string) => Promise<RanLine>;
  /** Whether all that a line prints is shown, `…` for what is left out. */
  readonly isWhole?: boolean;
  /** Whether a line is one that is shown; default by its words. */
  readonly isSame?: (told: string, expected: string) => boolean;
}

/** Claims that a page of the docs shows what happens. */
export function testPage(name: string, options: PageOptions): void {
  const { section = "" } = options;
  const part = section === "" ? "" : ` on ${section}`;
  Deno.test(`docs/${name}${part} shows what happens`, async () => {
    if (Deno.build.os === "windows") return;
    const page = sectionOf(
      await Deno.readTextFile(new URL(name, DOCS)),
      section,
    );
    await using place = await createPlace();
    await addPrograms(place);
    await options.prepare?.(place);
    const commands = await runPage(place, page, options);
    ok(commands >= options.commandsMin, `${commands}`);
  });
}

/** Whether nothing was said that is not shown, and nothing shown in vain. */
function isAll(said: string, shown: readonly string[]): boolean {
  return shown.length === 0 ? said === "" : isShown(said, shown);
}

/** A part of a page, up to the next heading of its kind. */
function sectionOf(page: string, section: string): string {
  if (section === "") return page;
  return page.split(/^## /m).find((it) => it.startsWith(`${section}\n`)) ?? "";
}

async function runPage(
  place: Place,
  page: string,
  options: PageOptions,
): Promise<number> {
  const {
    write = (place, name, text) => place.write(name, text),
    run = runLine,
    isSame,
    isWhole = false,
  } = options;
  let commands = 0;
  for (const { language, text } of blocksIn(page, "text", "yaml", "console")) {
    const shown: readonly Shown[] = language === "console" ? linesOf(text) : [];
    for (const it of shown) {
      commands++;
      const ran = await run(place, it.line);
      checkShown(isWhole ? { ...it, output: [] } : it, ran, isSame);
      if (isWhole) ok(isAll(ran.said, it.output), `${it.line}\n${ran.said}`);
    }
    const [head = "", manifest, markdown] = NAMED.exec(text) ?? [];
    if (language === "yaml") {
      ok(manifest !== undefined, text);
      await write(place, manifest, text);
    } else if (language === "text" && markdown !== undefined) {
      // The line that names it is no part of a skill.
      await write(place, markdown, text.slice(head.length));
    }
  }
  return commands;
}
