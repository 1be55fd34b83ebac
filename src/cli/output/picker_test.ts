import {
  deepEqual,
  equal,
  match,
  ok,
  rejects,
  throws,
} from "node:assert/strict";
import { StigmerError } from "../../model/error.ts";
import type { Json } from "../../model/json.ts";
import { fakeContext } from "../fake_context.ts";
import { OUTPUT_PREFIXES } from "../globals.ts";
import type { Io } from "../io.ts";
import {
  loadPicker,
  parsePick,
  PICK_FORMS,
  type PickForm,
  picking,
} from "./picker.ts";

const LIST: Json = {
  items: [
    {
      metadata: { slug: "one", labels: { "team.name": "a b" } },
      status: { phase: "COMPLETED", count: 2 },
    },
    {
      metadata: { slug: "two", labels: {} },
      status: { phase: "FAILED", count: 0, error: { title: "No" } },
    },
  ],
  nextPageToken: "",
};

async function print(form: PickForm, text: string): Promise<string> {
  return (await loadPicker({ form, text }))(LIST);
}

type Case = readonly [form: PickForm, text: string, printed: string];

const CASES: readonly Case[] = [
  ["jq", ".items[].metadata.slug", "one\ntwo\n"],
  ["jq", ".items | length", "2\n"],
  ["jq", ".items[0].status", '{"phase":"COMPLETED","count":2}\n'],
  ["jq", ".items[] | select(.status.count > 5)", ""],
  ["jq", '.items | map(.metadata.slug) | join(",")', "one,two\n"],
  ["jsonpath", "{.items[*].metadata.slug}", "one two\n"],
  ["jsonpath", ".items[0].metadata.slug", "one\n"],
  ["jsonpath", "$.items[1].status.phase", "FAILED\n"],
  ["jsonpath", "items[-1:].metadata.slug", "two\n"],
  ["jsonpath", "{..phase}", "COMPLETED FAILED\n"],
  ["jsonpath", "{.items[0].status}", '{"phase":"COMPLETED","count":2}\n'],
  ["jsonpath", "{.items[0].nothing}", ""],
  [
    "jsonpath",
    '{range .items[*]}{.metadata.slug}{"\\t"}{.status.phase}{"\\n"}{end}',
    "one\tCOMPLETED\ntwo\tFAILED\n",
  ],
  [
    "jsonpath",
    '{.items[?(@.status.phase=="FAILED")].metadata.slug}',
    "two\n",
  ],
  ["jsonpath", "{.items[0].metadata.labels.team\\.name}", "a b\n"],
  ["jsonpath", "{.items[0].metadata.labels['team.name']}", "a b\n"],
  ["jsonpath", 'first: {.items[0].metadata.slug}{"}"}', "first: one}\n"],
  ["jsonpath", "{range .items[*]}[{@.status.count}]{end}", "[2][0]\n"],
  [
    "template",
    "{{range .items}}{{.metadata.slug}} is {{.status.phase}}\n{{end}}",
    "one is COMPLETED\ntwo is FAILED\n",
  ],
  [
    "template",
    '{{range .items[]}}{{.metadata.slug}}{{"\\n"}}{{end}}',
    "one\ntwo\n",
  ],
  ["template", "{{.items | length}} runs", "2 runs\n"],
  ["template", "{{range .none}}x{{else}}none{{end}}", "none\n"],
  [
    "template",
    '{{range .items}}{{if .status.phase == "FAILED"}}!{{else if .status.count > 1}}+{{else}}-{{end}}{{end}}',
    "+!\n",
  ],
  [
    "template",
    "{{range .items}}{{with .status.error}}{{.title}}{{else}}fine {{end}}{{end}}",
    "fine No\n",
  ],
  ["template", "a {{- /* said */ -}} b", "ab\n"],
  [
    "template",
    "{{- range .items -}} {{.metadata.slug}} {{- end -}}",
    "onetwo\n",
  ],
  [
    "template",
    "{{range .items}}{{.metadata.slug}}/{{$root.items | length}} {{end}}",
    "one/2 two/2 \n",
  ],
  ["template", '{{"}}"}}', "}}\n"],
  ["template", "[{{.nothing}}]", "[]\n"],
  ["template", "{{.items[].metadata.slug}}", "one two\n"],
  ["template", "{{range [[1,2],[3]]}}{{length}} {{end}}", "2 1 \n"],
  ["template", "{{range [[1,2]]}}{{length}} {{end}}", "2 \n"],
  ["template", "{{range .items[] | .status.count}}{{.}} {{end}}", "2 0 \n"],
  ["template", "{{if {} }}yes{{else}}no{{end}}", "no\n"],
  ["jsonpath", '{.items[?(@.metadata.slug=="a.b\\\\.c")].x}', ""],
  [
    "jsonpath",
    "{.items[?(@.metadata.slug=='two')].status.phase}",
    "FAILED\n",
  ],
];

for (const [form, text, printed] of CASES) {
  Deno.test(`${form}=${text} prints ${JSON.stringify(printed)}`, async () => {
    equal(await print(form, text), printed);
  });
}

type Refused = readonly [form: PickForm, text: string, said: RegExp];

const REFUSED: readonly Refused[] = [
  ["jq", ".items[", /^Cannot print with "--output jq=\.items\[": /],
  ["jq", ".items[", /The expression ends too early \(column 8\)$/],
  ["jq", ".items | lenght", /lenght.* \(column 10\)$/],
  ["jq", ".items |\n  lenght", /lenght.* \(line 2, column 3\)$/],
  ["jq", "$HOME", /\$HOME/],
  ["jq", "env", /env/],
  ["jq", ".items.slug", /Cannot index array/i],
  ["jq", "last(repeat(1))", /steps/],
  ["jsonpath", "{.items[}", /Cannot print with "--output jsonpath=/],
  ["jsonpath", "{.items", /"{" has no counterpart/],
  ["jsonpath", '{"a" "b"}', /Cannot print with/],
  ["jsonpath", "{range .items[*]}x", /{range} has no {end}/],
  ["jsonpath", "x{end}", /{end} has no {range}/],
  ["template", "{{.items", /{{ has no }}/],
  ["template", "{{range .items}}", /{{range}} has no {{end}}/],
  ["template", "{{end}}", /{{end}} has no {{range}} or {{if}}/],
  ["template", "{{if}}x{{end}}", /{{if}} has no program/],
  ["template", "{{else}}", /{{else}} has no {{if}}/],
  ["template", "{{}}", /{{}} is empty/],
  ["template", "{{if .a}}{{else}}{{else}}{{end}}", /{{else}} has no {{if}}/],
  ["template", "{{len .items}}", /len/],
  ["jq", '"x" * 1000 | error', /: x{300}… \(column 14\)$/],
  [
    "template",
    "{{range [range(900)]}}{{range [range(900)]}}{{range [range(900)]}}" +
    "{{end}}{{end}}{{end}}",
    /it writes more than 1,000,000 pieces$/,
  ],
  // In no time, however many quotes there are.
  ["template", `{{ ${'"a" '.repeat(300)}`, /{{ has no }}/],
];

for (const [form, text, said] of REFUSED) {
  Deno.test(`${form}=${text} is refused`, async () => {
    await rejects(print(form, text), (error) => {
      ok(error instanceof StigmerError);
      equal(error.code, "INVALID_ARGUMENT");
      match(error.message, said);
      return true;
    });
  });
}

Deno.test("parsePick() reads what follows --output, and leaves plain forms", () => {
  equal(parsePick(undefined), undefined);
  equal(parsePick("json"), undefined);
  deepEqual(parsePick("jq=.a=1"), { form: "jq", text: ".a=1" });
  throws(() => parsePick("jq="), /says nothing after "jq="/);
  throws(() => parsePick("jsonpth=.a"), /jsonpath=/);
});

Deno.test("help, shells and the parser know the same forms of parts", () => {
  deepEqual(
    Object.keys(PICK_FORMS).map((it) => `${it}=`),
    [...OUTPUT_PREFIXES],
  );
});

async function ioOf(
  piecemeal: boolean,
): Promise<{ readonly io: Io; readonly said: string[] }> {
  const said: string[] = [];
  const io: Io = {
    ...(await fakeContext("")).io,
    piecemeal,
    raw: (text) => void said.push(`${text}`),
    alert: (text) => void said.push(text),
  };
  return { io, said };
}

Deno.test("what could move the cursor reaches a pipe alone", async () => {
  const picker = await loadPicker({ form: "jq", text: ".x" });
  const text = JSON.stringify({ x: "a\u001b]0;t\u0007b\u001b[31mc" });
  const printed: string[] = [];
  for (const piecemeal of [true, false]) {
    const { io, said } = await ioOf(piecemeal);
    picking(io, picker).io.data(text);
    printed.push(said.join(""));
  }
  deepEqual(printed, ["a]0;tb[31mc\n", "a\u001b]0;t\u0007b\u001b[31mc\n"]);
});

Deno.test("a part that cannot be had fails the command once it was carried out", async () => {
  const picker = await loadPicker({ form: "jq", text: ".x.y" });
  const { io, said } = await ioOf(false);
  const picked = picking(io, picker);
  picked.io.data('{"x":{"y":1}}');
  equal(picked.endingOf("ok"), "ok");
  picked.io.data('{"x":1}');
  picked.io.data("no JSON");
  equal(picked.endingOf("ok"), "failed");
  equal(picked.endingOf("waiting"), "waiting");
  match(said.join("\n"), /^1\n\nError: Cannot print with "--output jq=\.x\.y"/);
  match(said.join("\n"), /Hint: The command itself was carried out/);
  match(said.join("\n"), /which is no JSON/);
});
