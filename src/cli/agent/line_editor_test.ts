import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { KeyReader } from "./keys.ts";
import { LineEditor } from "./line_editor.ts";
import { drawLine, leaveLine } from "./line_view.ts";

const ENCODER = new TextEncoder();

/** Types, and gives what came of it: the line with a `|` for the cursor. */
function typed(
  pieces: readonly string[],
  history: readonly string[] = [],
): { readonly line: string; readonly came: string } {
  const keys = new KeyReader();
  const editor = new LineEditor(history);
  let came = "";
  for (const piece of pieces) {
    keys.push(ENCODER.encode(piece));
    for (let key = keys.next(); key !== undefined; key = keys.next()) {
      came = editor.take(key);
      if (came !== "changed") break;
    }
  }
  return { line: `${editor.before}|${editor.after}`, came };
}

const CASES: readonly (readonly [typed: string, line: string])[] = [
  ["abc", "abc|"],
  ["abc\x1b[D\x1b[D", "a|bc"],
  ["abc\x02\x02\x06", "ab|c"],
  ["abc\x01x", "x|abc"],
  ["abc\x1b[H\x1b[F!", "abc!|"],
  ["abc\x1bOD\x7f", "a|c"],
  ["abc\x01\x1b[3~", "|bc"],
  ["abc\x01\x04", "|bc"],
  ["one two\x17", "one |"],
  ["one two  \x1b\x7f", "one |"],
  ["one two\x1bb\x1bb\x1bf", "one| two"],
  ["one two\x1b[1;5D", "one |two"],
  ["one two\x15", "|"],
  ["one two\x1bb\x0b", "one |"],
  ["e\u0301👩‍👩‍👧x\x1b[D\x7f", "e\u0301|x"],
  ["a\x1b\rb", "a\nb|"],
  ["ab\x1b\rcd\x1b[A", "ab|\ncd"],
  ["ab\x1b\rc\x1b[A\x01\x1b[B", "ab\n|c"],
  ["\x1b[200~p\r\nq\x1b[201~r", "p\nqr|"],
  ["a\x00\x1b[5~\x1bzb", "azb|"],
  ["tab\there", "tab\there|"],
  // Between characters, and never within one.
  ["👩👩\x1b\rx\x1b[Ay", "y|👩👩\nx"],
  ["ab\x1b\r👩\x1b[A\x1b[B", "ab\n👩|"],
  ["x👩\x1b\rabc\x1b[D\x1b[Ay", "xy|👩\nabc"],
];

for (const [keys, line] of CASES) {
  Deno.test(`LineEditor makes ${JSON.stringify(line)} of ${JSON.stringify(keys)}`, () => {
    strictEqual(typed([keys]).line, line);
    // Whatever pieces a terminal sends it in.
    const bytes = [...ENCODER.encode(keys)];
    const reader = new KeyReader();
    const editor = new LineEditor([]);
    for (const byte of bytes) {
      reader.push(Uint8Array.of(byte));
      for (let key = reader.next(); key !== undefined; key = reader.next()) {
        editor.take(key);
      }
    }
    strictEqual(`${editor.before}|${editor.after}`, line);
  });
}

Deno.test("LineEditor says how a line ends", () => {
  strictEqual(typed(["abc\r"]).came, "entered");
  strictEqual(typed(["abc\n"]).came, "entered");
  strictEqual(typed(["abc\x03"]).came, "interrupted");
  strictEqual(typed(["\x04"]).came, "ended");
});

Deno.test("LineEditor has earlier lines again, and keeps what was typed", () => {
  const history = ["first", "second"];
  strictEqual(typed(["new\x1b[A"], history).line, "second|");
  strictEqual(typed(["new\x10\x10\x10"], history).line, "first|");
  strictEqual(typed(["new\x10\x10\x0e\x0e\x0e"], history).line, "new|");
  strictEqual(typed(["\x10!\x0e\x10"], history).line, "second!|");
  deepStrictEqual(history, ["first", "second"]);
});

Deno.test("KeyReader leaves what follows a line for the next one", () => {
  const keys = new KeyReader();
  keys.push(ENCODER.encode("one\rtwo"));
  deepStrictEqual(keys.next(), { kind: "text", text: "one" });
  deepStrictEqual(keys.next(), { kind: "enter" });
  deepStrictEqual(keys.next(), { kind: "text", text: "two" });
  strictEqual(keys.next(), undefined);
});

Deno.test("LineEditor takes a word from a long line in no time", () => {
  const editor = new LineEditor([]);
  const pasted = "x".repeat(500_000);
  editor.take({ kind: "paste", text: `${pasted} ${" ".repeat(200_000)}b` });
  const startMs = performance.now();
  editor.take({ kind: "delete-word" });
  editor.take({ kind: "left" });
  editor.take({ kind: "word-left" });
  ok(performance.now() - startMs < 1000, "it looked at everything over again");
  strictEqual(editor.before, "");
});

Deno.test("KeyReader takes no line out of a paste that is too long", () => {
  const keys = new KeyReader();
  const piece = ENCODER.encode("0123456\n".repeat(8192));
  keys.push(ENCODER.encode("\x1b[200~"));
  let pastes = 0;
  for (let i = 0; i < 40; i++) {
    keys.push(piece);
    for (let key = keys.next(); key !== undefined; key = keys.next()) {
      strictEqual(key.kind, "paste");
      pastes++;
    }
  }
  ok(pastes > 0, "nothing is kept without a bound");
  keys.push(ENCODER.encode("end\x1b[20"));
  strictEqual(keys.next(), undefined);
  keys.push(ENCODER.encode("1~\r"));
  strictEqual(keys.next()?.kind, "paste");
  deepStrictEqual(keys.next(), { kind: "enter" });
});

/** A terminal as large as it must be: what drawing leaves on it. */
function screenOf(texts: readonly string[], columns: number) {
  const rows: string[][] = [[]];
  let [row, column] = [0, 0];
  const put = (character: string): void => {
    if (column >= columns) [row, column] = [row + 1, 0];
    (rows[row] ??= [])[column++] = character;
  };
  // deno-lint-ignore no-control-regex -- what a terminal is sent
  const parts = texts.join("").matchAll(/\x1b\[(\d*)([A-Z])|[^]/g);
  for (const [whole, count = "", final = ""] of parts) {
    if (final === "A") row -= Number(count);
    else if (final === "B") row += Number(count);
    else if (final === "C") column += Number(count);
    else if (final === "J") {
      rows.length = row + 1;
      rows[row]?.splice(column);
    } else if (whole === "\r") column = 0;
    else if (whole === "\n") rows[++row] ??= [];
    else put(whole);
    ok(row >= 0, "above the first row");
  }
  const text = rows.map((it) => Array.from(it, (c) => c ?? " ").join(""))
    .map((it) => it.trimEnd());
  return { text, at: [row, column] };
}

Deno.test("drawLine() draws over what was there, over as many rows as it has", () => {
  const look = {
    size: { columns: 10, rows: 24 },
    prompt: "> ",
    further: "… ",
    promptWidth: 2,
  };
  const lines = [
    { before: "", after: "" },
    { before: "12345678", after: "" },
    { before: "1234567890abcdef", after: "ghij" },
    { before: "one\ntwo", after: " three" },
    { before: "on", after: "e\ntwo three" },
    { before: "x", after: "" },
  ];
  const shown = [
    { text: [">"], at: [0, 2] },
    { text: ["> 12345678", ""], at: [1, 0] },
    { text: ["> 12345678", "90abcdefgh", "ij"], at: [1, 8] },
    { text: ["> one", "… two thre", "e"], at: [1, 5] },
    { text: ["> one", "… two thre", "e"], at: [0, 4] },
    { text: ["> x"], at: [0, 3] },
  ];
  const written: string[] = [];
  for (const [i, line] of lines.entries()) {
    const last = lines[i - 1];
    written.push(drawLine(line, {
      ...look,
      ...(last === undefined ? {} : { last: { ...last, promptWidth: 2 } }),
    }));
    deepStrictEqual(screenOf(written, 10), shown[i]);
  }
  const several = { before: "o", after: "ne\ntwo", promptWidth: 2 };
  const left = [drawLine(several, look), leaveLine(several, look.size)];
  deepStrictEqual(screenOf(left, 10), {
    text: ["> one", "… two", ""],
    at: [2, 0],
  });
});

Deno.test("drawLine() knows that a full row and a new line are one row", () => {
  const look = {
    size: { columns: 10, rows: 24 },
    prompt: "> ",
    further: "… ",
    promptWidth: 2,
  };
  const first = { before: "12345678\n", after: "" };
  const back = { before: "12345678", after: "\na" };
  const drawn = [
    drawLine(first, look),
    drawLine(back, { ...look, last: { ...first, promptWidth: 2 } }),
  ];
  const text = ["> 12345678", "… a"];
  deepStrictEqual(screenOf(drawn, 10), { text, at: [0, 9] });
  const left = leaveLine({ ...back, promptWidth: 2 }, look.size);
  deepStrictEqual(screenOf([...drawn, left], 10), {
    text: [...text, ""],
    at: [2, 0],
  });
});

Deno.test("drawLine() draws no more rows than a terminal has", () => {
  for (const rows of [2, 3, 6, 12, 24, 60]) {
    const size = { columns: 20, rows };
    const look = { size, prompt: "> ", further: "… ", promptWidth: 2 };
    for (const text of ["line\n".repeat(500), "word ".repeat(2000), "ab"]) {
      for (const after of ["", text]) {
        const drawn = drawLine({ before: text, after }, look);
        const { text: lines, at: [row = 0] } = screenOf([drawn], 20);
        ok(lines.length <= rows, `${lines.length} lines of ${rows}`);
        ok(row < rows);
        strictEqual(lines[0]?.startsWith(text === "ab" ? "> ab" : "> …"), true);
      }
    }
  }
});

Deno.test("drawLine() leaves out most of a very long line", () => {
  const before = "x".repeat(100_000);
  const look = {
    size: { columns: 80, rows: 24 },
    prompt: "> ",
    further: "… ",
    promptWidth: 2,
  };
  ok(drawLine({ before, after: "" }, look).length < 3000);
});
