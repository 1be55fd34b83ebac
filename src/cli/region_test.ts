import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Screen } from "../../tests/cli/screen.ts";
import { fakeHost, type FakeTerminal } from "../host/fake.ts";
import { openRegion, type Region } from "./region.ts";

interface Scene {
  readonly terminal: FakeTerminal;
  readonly region: Region;
  readonly screen: Screen;
  /** Shows on the screen what was written since; says how much that was. */
  show(): number;
}

function scene(columns: number, rows: number): Scene {
  const { terminal } = fakeHost({ columns, rows });
  const screen = new Screen(columns, rows);
  let shown = 0;
  return {
    terminal,
    screen,
    region: openRegion(terminal),
    show() {
      const text = terminal.text("stderr").slice(shown);
      shown += text.length;
      // The terminal sends a return with each line end.
      screen.write(text.replaceAll(/(?<!\r)\n/g, "\r\n"));
      return text.length;
    },
  };
}

Deno.test("a region is drawn over itself, longer and shorter, below what stays", () => {
  const { terminal, region, screen, show } = scene(20, 10);
  terminal.write("stderr", "$ stigmer\n");
  const frames: readonly (readonly string[])[] = [
    ["a"],
    ["a", "b", "c"],
    ["a", "x", "c"],
    ["a", "x"],
    ["y", "x", "z", "w"],
    ["y"],
  ];
  for (const frame of frames) {
    region.draw(frame);
    show();
    deepStrictEqual(screen.lines, ["$ stigmer", ...frame]);
    strictEqual(screen.cursor.row, frame.length);
    strictEqual(screen.isCursorShown, false);
  }
  region.draw(["y", "z"], ["said", "said more"]);
  show();
  deepStrictEqual(screen.lines, ["$ stigmer", "said", "said more", "y", "z"]);
  region.clear();
  show();
  deepStrictEqual(screen.lines, ["$ stigmer", "said", "said more"]);
  deepStrictEqual(screen.cursor, { row: 3, column: 0 });
  strictEqual(screen.isCursorShown, true);
  strictEqual(screen.modes.size, 0);
});

Deno.test("a region at the end of the screen scrolls what is above it, once", () => {
  const { terminal, region, screen, show } = scene(20, 5);
  terminal.write("stderr", "1\n2\n3\n4\n");
  for (let i = 0; i < 5; i++) {
    region.draw([`a${i}`, "b", "c"]);
    show();
  }
  strictEqual(screen.all, "1\n2\n3\n4\na4\nb\nc");
  region.draw(["a", ...Array.from({ length: 20 }, (_, i) => `b${i}`)]);
  show();
  // No more than fits: what scrolls out cannot be drawn over.
  strictEqual(screen.text.split("\n").length, 5);
  region.clear();
  show();
  strictEqual(screen.all, "1\n2\n3\n4");
});

Deno.test("a frame writes what changed, and nothing where nothing did", () => {
  const { region, show } = scene(80, 40);
  const lines = Array.from({ length: 30 }, (_, i) => `${i}`.repeat(30));
  region.draw(lines);
  ok(show() > 900);
  region.draw(lines);
  strictEqual(show(), 0);
  region.draw(["x", ...lines.slice(1)]);
  ok(show() < 150);
});

Deno.test("a region finds its lines again where a terminal broke them", () => {
  const { terminal, region, screen, show } = scene(40, 10);
  terminal.write("stderr", "before\n");
  region.draw(["a".repeat(39), "b".repeat(39), "c"]);
  show();
  terminal.resize(20, 10);
  screen.resize(20, 10);
  strictEqual(screen.lines.length, 6);
  strictEqual(region.columns, 19);
  region.draw(["a", "b", "c"]);
  show();
  strictEqual(screen.all, "before\na\nb\nc");
  terminal.resize(60, 10);
  screen.resize(60, 10);
  region.draw(["a", "b", "d"]);
  show();
  strictEqual(screen.all, "before\na\nb\nd");
});

Deno.test("a region takes nothing from above when its last line was broken", () => {
  const { terminal, region, screen, show } = scene(40, 10);
  terminal.write("stderr", "one\ntwo\n");
  region.draw(["a", "b".repeat(39)]);
  show();
  for (const columns of [30, 15]) {
    terminal.resize(columns, 10);
    screen.resize(columns, 10);
    region.draw(["a", "b".repeat(columns - 1)]);
    show();
    strictEqual(screen.all, `one\ntwo\na\n${"b".repeat(columns - 1)}`);
  }
});

Deno.test("a region leaves the terminal before a stop, and is drawn anew after it", () => {
  const { terminal, region, screen, show } = scene(20, 10);
  region.draw(["a", "b"]);
  const go = terminal.suspend();
  show();
  strictEqual(screen.all, "");
  strictEqual(screen.isCursorShown, true);
  terminal.write("stderr", "$ fg\n");
  go();
  show();
  strictEqual(screen.all, "$ fg\na\nb");
  strictEqual(screen.isCursorShown, false);
  region.draw(["a", "c"]);
  show();
  strictEqual(screen.all, "$ fg\na\nc");
  region[Symbol.dispose]();
  terminal.suspend()();
  show();
  strictEqual(screen.all, "$ fg");
});

Deno.test("a region counts wide characters as the terminal does", () => {
  const { region, screen, show } = scene(10, 6);
  region.draw(["日本語", "x"]);
  show();
  region.draw(["日本", "y"]);
  show();
  deepStrictEqual(screen.lines, ["日本", "y"]);
});

Deno.test("a screen takes no sequence that this program has no use for", () => {
  for (const text of ["\x1b]0;title\x07", "\x1b[5n", "\x9b1A", "\x00"]) {
    let refused = false;
    try {
      new Screen(80, 24).write(text);
    } catch {
      refused = true;
    }
    ok(refused, JSON.stringify(text));
  }
});
