import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { Screen } from "../../tests/cli/screen.ts";
import type { FakeHostOptions } from "../host/fake.ts";
import { type FakeContext, fakeContext } from "./fake_context.ts";
import type { View } from "./view.ts";
import { watchList } from "./watching.ts";

interface Thing {
  readonly name: string;
  readonly phase: string;
  readonly atMs: number;
}

const START_MS = Date.UTC(2026, 0, 1);
const VIEW: View<Thing> = {
  columns: [
    { header: "NAME", value: (it) => it.name },
    { header: "PHASE", value: (it) => it.phase },
    {
      header: "AGE",
      right: true,
      value: (it, nowMs) => `${Math.max(0, nowMs - it.atMs) / 1000}s`,
    },
  ],
  identify: (it) => it.name,
  json: ({ name, phase }) => ({ name, phase }),
  describe: () => [],
};

function thing(name: string, phase: string): Thing {
  return { name, phase, atMs: START_MS };
}

/** Watches pages, one a second, until there are no more; looks at each. */
async function watched(
  line: string,
  pages: readonly (readonly Thing[])[],
  options: FakeHostOptions & {
    readonly look?: (context: FakeContext, at: number) => void;
    readonly view?: View<Thing>;
  } = {},
): Promise<{ readonly context: FakeContext; readonly ending: string }> {
  const context = await fakeContext(line, options);
  const { clock, terminal } = context.host;
  let at = 0;
  const ending = watchList(context, () => {
    const items = pages[Math.min(at, pages.length - 1)] ?? [];
    at++;
    return Promise.resolve({
      view: options.view ?? VIEW,
      page: { items, nextPageToken: "" },
    });
  });
  for (let i = 0; i < pages.length; i++) {
    // Tables are written once what they need is loaded.
    while (clock.nextTimerAtMs() === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    strictEqual(at, i + 1);
    options.look?.(context, i);
    if (i < pages.length - 1) clock.advance(1000);
  }
  terminal.interrupt();
  return { context, ending: await ending };
}

const PAGES = [
  [thing("a", "RUNNING")],
  [thing("a", "RUNNING")],
  [thing("longer", "PENDING"), thing("b", "RUNNING"), thing("a", "COMPLETED")],
  [thing("longer", "PENDING"), thing("b", "RUNNING")],
];

Deno.test("a list that is watched in a pipe tells what is new or has changed, a line each", async () => {
  const { context, ending } = await watched("", PAGES);
  strictEqual(ending, "CANCELLED");
  strictEqual(
    context.host.terminal.text("stdout"),
    "NAME  PHASE    AGE\n" +
      "a     RUNNING   0s\n" +
      "a     COMPLETED   2s\n" +
      "b     RUNNING     2s\n" +
      "longer  PENDING     2s\n",
  );
  strictEqual(context.host.terminal.text("stderr"), "");
});

Deno.test("a list that is watched by a program is a line of JSON for each change", async () => {
  for (const format of ["json", "jsonl"]) {
    const { context } = await watched(`-o ${format}`, PAGES);
    deepStrictEqual(
      context.host.terminal.text("stdout").trimEnd().split("\n")
        .map((it) => JSON.parse(it)),
      [
        { name: "a", phase: "RUNNING" },
        { name: "a", phase: "COMPLETED" },
        { name: "b", phase: "RUNNING" },
        { name: "longer", phase: "PENDING" },
      ],
    );
  }
  const names = await watched("-o name", PAGES);
  strictEqual(names.context.host.terminal.text("stdout"), "a\na\nb\nlonger\n");
});

Deno.test("a list that is watched on a terminal is one table, drawn over itself", async () => {
  const screen = new Screen(40, 10);
  const seen: string[] = [];
  let shown = 0;
  const show = ({ host }: FakeContext): void => {
    const text = host.terminal.text("stdout").slice(shown);
    shown += text.length;
    screen.write(text.replaceAll(/(?<!\r)\n/g, "\r\n"));
  };
  const { context } = await watched("--color never", PAGES, {
    columns: 40,
    rows: 10,
    look(context) {
      show(context);
      strictEqual(screen.isCursorShown, false);
      seen.push(screen.all);
    },
  });
  show(context);
  const last =
    "NAME    PHASE    AGE\nlonger  PENDING   3s\nb       RUNNING   3s";
  deepStrictEqual(seen, [
    "NAME  PHASE    AGE\na     RUNNING   0s",
    "NAME  PHASE    AGE\na     RUNNING   1s",
    "NAME    PHASE      AGE\nlonger  PENDING     2s\n" +
    "b       RUNNING     2s\na       COMPLETED   2s",
    last,
  ]);
  // It stays as it was at last.
  strictEqual(screen.all, last);
  strictEqual(screen.isCursorShown, true);
  strictEqual(screen.cursor.column, 0);
});

Deno.test("a table that is too high says how much is missing, and is left as it was drawn", async () => {
  const many = Array.from({ length: 30 }, (_, i) => thing(`t${i}`, "RUNNING"));
  const { context } = await watched("--color never", [many], {
    columns: 40,
    rows: 10,
    look({ host }) {
      const screen = new Screen(40, 10);
      screen.write(host.terminal.text("stdout"));
      strictEqual(screen.lines.length, 9);
      match(screen.text, /^NAME .*\nt0 [^]*\nt6 .*\n… 23 more$/);
    },
  });
  const left = context.host.terminal.text("stdout").trimEnd().split("\n");
  deepStrictEqual(left.slice(-2), ["t6    RUNNING   0s", "… 23 more"]);
  ok(!context.host.terminal.text("stdout").includes("t7"));
});

Deno.test("a list of which nothing is there yet says so", async () => {
  await watched("--color never", [[], [thing("a", "RUNNING")]], {
    columns: 40,
    look({ host }, at) {
      const screen = new Screen(40, 24);
      screen.write(host.terminal.text("stdout"));
      strictEqual(
        screen.lines[0],
        at === 0 ? "None found" : "NAME  PHASE    AGE",
      );
    },
  });
});

Deno.test("a wide table that is watched is cut nowhere: it goes on below", async () => {
  const name = "a".repeat(50);
  await watched("-o wide", [[thing(name, "RUNNING")]], {
    columns: 40,
    look(context) {
      const screen = new Screen(40, 24);
      screen.write(context.host.terminal.text("stdout"));
      deepStrictEqual(screen.lines, [
        `NAME${" ".repeat(35)}`.trimEnd(),
        `${" ".repeat(13)}PHASE    AGE`,
        "a".repeat(39),
        `${"a".repeat(11)}  RUNNING   0s`,
      ]);
      deepStrictEqual(screen.broken, []);
    },
  });
});

Deno.test("a table that nothing can be left out of leaves nothing of itself behind", async () => {
  const [name = { header: "ID", value: () => "" }] = VIEW.columns;
  const columns = [{ ...name, whole: true }];
  const [one = "", two = "", three = ""] = ["1", "2", "3"]
    .map((it) => it.repeat(37));
  const names = [[one], [one, two], [three, one]];
  const pages = names.map((some) => some.map((it) => thing(it, "RUNNING")));
  const screen = new Screen(30, 24);
  let written = 0;
  await watched("", pages, {
    columns: 30,
    view: { ...VIEW, columns },
    look({ host: { terminal } }, at) {
      const text = terminal.text("stdout");
      screen.write(text.slice(written));
      written = text.length;
      const shown = screen.lines.join("").replace("NAME", "");
      strictEqual(shown, names[at]?.join(""));
      deepStrictEqual(screen.broken, []);
    },
  });
});
