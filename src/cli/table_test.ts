import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { styleOf } from "./style.ts";
import { oneLine } from "./one_line.ts";
import { fitWidths, renderTable } from "./table.ts";
import { chunksOf, fit } from "./width.ts";

const PLAIN = styleOf(false);

Deno.test("renderTable() cuts on a terminal and leaves all in a pipe", async () => {
  const columns = [{ header: "NAME" }, { header: "N", right: true }, {
    header: "TEXT",
  }];
  const rows = [["日本", "7", "a rather long text that goes on"], [
    "b",
    "12",
    "",
  ]];
  const pipe = await renderTable(columns, rows, {
    columns: undefined,
    style: PLAIN,
  });
  strictEqual(
    pipe,
    [
      "NAME   N  TEXT",
      "日本   7  a rather long text that goes on",
      "b     12",
    ].join("\n"),
  );
  const terminal = await renderTable(columns, rows, {
    columns: 24,
    style: PLAIN,
  });
  strictEqual(
    terminal,
    ["NAME   N  TEXT", "日本   7  a rather long…", "b     12"].join("\n"),
  );
});

Deno.test("renderTable() leaves out what can be spared before what is read is cut away", async () => {
  const columns = [
    { header: "ID", whole: true },
    { header: "KIND", spare: 2 },
    { header: "NAME", spare: 1 },
    { header: "PHASE" },
  ];
  const id = `wex-${"0".repeat(26)}`;
  const rows = [[id, "workflow", "nightly-report-of-all", "COMPLETED"]];
  const at = async (width: number): Promise<readonly string[]> =>
    (await renderTable(columns, rows, { columns: width, style: PLAIN }))
      .split("\n");
  deepStrictEqual(await at(66), [
    `${"ID".padEnd(30)}  KIND      NAME           PHASE`,
    `${id}  workflow  nightly-repo…  COMPLETED`,
  ]);
  deepStrictEqual(await at(60), [
    `${"ID".padEnd(30)}  NAME               PHASE`,
    `${id}  nightly-report-o…  COMPLETED`,
  ]);
  deepStrictEqual(await at(45), [
    `${"ID".padEnd(30)}  PHASE`,
    `${id}  COMPLETED`,
  ]);
  deepStrictEqual(await at(40), [
    `${"ID".padEnd(30)} PHASE`,
    `${id} COMPLETED`,
  ]);
});

Deno.test("renderTable() gives an id a line of its own where it leaves no room", async () => {
  const columns = [
    { header: "ID", whole: true },
    { header: "KIND", spare: 2 },
    { header: "NAME" },
    { header: "PHASE" },
  ];
  const id = `wex-${"0".repeat(26)}`;
  const rows = [[id, "workflow", "nightly-report-of-all", "COMPLETED"]];
  const at = async (width: number): Promise<readonly string[]> =>
    (await renderTable(columns, rows, { columns: width, style: PLAIN }))
      .split("\n");
  deepStrictEqual(await at(54), [
    `${"ID".padEnd(30)}  NAME         PHASE`,
    `${id}  nightly-re…  COMPLETED`,
  ]);
  deepStrictEqual(await at(40), [
    "ID",
    "  KIND      NAME               PHASE",
    id,
    "  workflow  nightly-report-o…  COMPLETED",
  ]);
  deepStrictEqual(await at(32), [
    "ID",
    "  NAME                 PHASE",
    id,
    "  nightly-report-of-…  COMPLETED",
  ]);
});

Deno.test("renderTable() dresses its header only where colour is wanted", async () => {
  const options = { columns: 80, style: styleOf(true) };
  strictEqual(
    await renderTable([{ header: "A" }], [["b"]], options),
    "\x1b[1mA\x1b[22m\nb",
  );
});

Deno.test("fitWidths() takes from the widest, down to a bound", () => {
  deepStrictEqual(fitWidths([30, 10], 30), [18, 10]);
  deepStrictEqual(fitWidths([30, 30], 20), [9, 9]);
  deepStrictEqual(fitWidths([30, 30], 3), [6, 6]);
  deepStrictEqual(fitWidths([30, 30], undefined), [30, 30]);
  deepStrictEqual(fitWidths([30, 20], 40, [true, false]), [30, 8]);
  deepStrictEqual(fitWidths([30, 20], 10, [true, false]), [30, 6]);
  deepStrictEqual(fitWidths([30, 20], 10, [true, true]), [30, 20]);
});

Deno.test("fit() never cuts a character in half", () => {
  strictEqual(fit("abcdef", 6), "abcdef");
  strictEqual(fit("abcdefg", 6), "abcde…");
  strictEqual(fit("日本語日本語", 5), "日本…");
  strictEqual(fit("👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 5), "👩‍👩‍👧‍👦👩‍👩‍👧‍👦…");
});

Deno.test("chunksOf() breaks a text where a terminal does, and loses none of it", () => {
  deepStrictEqual(chunksOf("abcdef", 6), ["abcdef"]);
  deepStrictEqual(chunksOf("abcdefg", 3), ["abc", "def", "g"]);
  deepStrictEqual(chunksOf("日本語a", 5), ["日本", "語a"]);
  deepStrictEqual(chunksOf("", 3), [""]);
});

Deno.test("oneLine() takes out what would move the cursor", () => {
  strictEqual(oneLine(" a\n\tb\x1b[31mc\r\n"), "a b[31mc");
});
