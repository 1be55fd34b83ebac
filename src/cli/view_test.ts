import { strictEqual } from "node:assert/strict";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { fakeContext } from "./fake_context.ts";
import { showOne, showPage, timeFact, type View } from "./view.ts";

interface Fruit {
  readonly name: string;
  readonly color: string;
}

const VIEW: View<Fruit> = {
  columns: [
    { header: "NAME", value: (it) => it.name },
    { header: "COLOR", wide: true, value: (it) => it.color },
  ],
  identify: (it) => it.name,
  json: (it) => ({ ...it }),
  describe: (it) => [["Name", it.name], ["Color", it.color], ["None", ""]],
};
const ITEMS: readonly Fruit[] = [
  { name: "kiwi\x1b[2J", color: "green" },
  { name: "a rather long mango", color: "yellow" },
];

async function page(
  line: string,
  columns: number | undefined,
  nextPageToken = "",
): Promise<string> {
  const context = await fakeContext(
    line,
    columns === undefined ? {} : { columns },
  );
  await showPage(context, VIEW, { items: ITEMS, nextPageToken });
  const { terminal } = context.host;
  return `${terminal.text("stdout")}|${terminal.text("stderr")}`;
}

Deno.test("showPage() prints a table that fits a terminal, whole in a pipe", async () => {
  strictEqual(
    await page("", undefined),
    "NAME\nkiwi[2J\na rather long mango\n|",
  );
  strictEqual(
    await page("", 10),
    "\x1b[1mNAME\x1b[22m\nkiwi[2J\na rather …\n|",
  );
  strictEqual(
    await page("-o wide", 10),
    "\x1b[1mNAME                 COLOR\x1b[22m\n" +
      "kiwi[2J              green\na rather long mango  yellow\n|",
  );
});

Deno.test("showOne() breaks what is known of a thing between words, and no id", async () => {
  const id = `wex-${"0".repeat(26)}`;
  const at = async (
    columns: number | undefined,
    line = "",
  ): Promise<string> => {
    const context = await fakeContext(
      `--color never ${line}`.trim(),
      columns === undefined ? {} : { columns },
    );
    const view: View<Fruit> = {
      ...VIEW,
      describe: () => [["Id", id], [
        "Waits for",
        'answer to "Deploy to production?"',
      ]],
    };
    await showOne(context, view, { name: "a", color: "b" });
    return context.host.terminal.text("stdout");
  };
  const whole = `Id:         ${id}\n` +
    'Waits for:  answer to "Deploy to production?"\n';
  strictEqual(await at(undefined), whole);
  strictEqual(await at(80), whole);
  strictEqual(await at(40, "-o wide"), whole);
  strictEqual(
    await at(40),
    `Id: ${id}\nWaits for:  answer to "Deploy to\n` +
      '            production?"\n',
  );
});

Deno.test("showPage() prints every form, and talk of more on stderr", async () => {
  const first = '{"name":"kiwi\\u001b[2J","color":"green"}';
  const second = '{"name":"a rather long mango","color":"yellow"}';
  const cases: readonly (readonly [string, string])[] = [
    ["jsonl", `${first}\n${second}\n`],
    ["name", "kiwi\x1b[2J\na rather long mango\n"],
    [
      "yaml",
      'name: "kiwi\\e[2J"\ncolor: green\n---\nname: a rather long mango\n' +
      "color: yellow\n",
    ],
    [
      "json",
      `${
        JSON.stringify(
          { items: [JSON.parse(first), JSON.parse(second)], nextPageToken: "" },
          null,
          2,
        )
      }\n`,
    ],
  ];
  for (const [form, expected] of cases) {
    strictEqual(await page(`-o ${form}`, undefined), `${expected}|`, form);
  }
  const more =
    "More with --all or --limit; -o json has a token for --page-token\n";
  for (const form of ["table", "wide"]) {
    const printed = await page(`-o ${form}`, undefined, "t");
    strictEqual(printed.endsWith(`|${more}`), true, printed);
  }
  strictEqual((await page("-q", undefined, "t")).endsWith("|"), true);
});

Deno.test("showPage() does not talk to programs of what else there is", async () => {
  for (const form of ["name", "json", "jsonl", "yaml"]) {
    const printed = await page(`-o ${form}`, undefined, "t");
    strictEqual(printed.endsWith("|"), true, printed);
  }
});

Deno.test("showPage() says on stderr that there is none", async () => {
  const context = await fakeContext("");
  await showPage(context, VIEW, { items: [], nextPageToken: "" });
  const { terminal } = context.host;
  strictEqual(terminal.text("stdout"), "");
  strictEqual(terminal.text("stderr"), "None found\n");
});

Deno.test("showOne() describes for people and leaves out what is empty", async () => {
  const item = { name: "kiwi", color: "dark\ngreen" };
  const plain = await fakeContext("");
  await showOne(plain, VIEW, item);
  strictEqual(
    plain.host.terminal.text("stdout"),
    "Name:   kiwi\nColor:  dark\n        green\n",
  );
  const json = await fakeContext("-o json", { columns: 20 });
  await showOne(json, VIEW, item);
  strictEqual(
    json.host.terminal.text("stdout"),
    '{\n  "name": "kiwi",\n  "color": "dark\\ngreen"\n}\n',
  );
});

Deno.test("timeFact() tells what was from what is to come", () => {
  const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
  const cases: readonly (readonly [number, string])[] = [
    [-300_000, "2026-01-02T02:59:05Z (5m ago)"],
    [0, "2026-01-02T03:04:05Z (0s ago)"],
    // A clock that is a little behind does not make what was to come.
    [999, "2026-01-02T03:04:05Z (0s ago)"],
    [3 * 86_400_000, "2026-01-05T03:04:05Z (in 3d)"],
    [3 * 86_400_000 - 1000, "2026-01-05T03:04:04Z (in 3d)"],
  ];
  for (const [afterMs, expected] of cases) {
    strictEqual(timeFact(timestampFromMs(nowMs + afterMs), nowMs), expected);
  }
  strictEqual(timeFact(undefined, nowMs), "");
});
