import { deepStrictEqual, match, ok } from "node:assert/strict";
import { parse } from "yaml";
import { exists, listFiles, readText } from "./_tree.ts";

const FORMS = ".github/ISSUE_TEMPLATE/";
const REPOSITORY = "https://github.com/stigmer/stigmer/";
/** What GitHub takes as an item of a form. */
const ITEM_TYPES = ["markdown", "textarea", "input", "dropdown", "checkboxes"];

/** The parts of a form that are looked at. */
interface Form {
  readonly name?: string;
  readonly description?: string;
  readonly body?: readonly {
    readonly type: string;
    readonly id?: string;
    readonly attributes?: {
      readonly label?: string;
      readonly value?: string;
      readonly options?: readonly string[];
    };
  }[];
}

async function forms(): Promise<readonly (readonly [string, Form])[]> {
  const paths = (await listFiles(FORMS)).filter((it) =>
    it !== `${FORMS}config.yml`
  );
  return await Promise.all(
    paths.map(async (path) => [path, parse(await readText(path))] as const),
  );
}

Deno.test("forms of issues are such that GitHub shows them", async () => {
  const all = await forms();
  ok(all.length >= 3);
  for (const [path, form] of all) {
    match(form.name ?? "", /^\S/, path);
    match(form.description ?? "", /^\S/, path);
    const body = form.body ?? [];
    ok(body.some((it) => it.type !== "markdown"), path);
    for (const { type, id, attributes } of body) {
      ok(ITEM_TYPES.includes(type), `${path}: ${type}`);
      if (type === "markdown") match(attributes?.value ?? "", /\S/, path);
      else match(attributes?.label ?? "", /^\S/, `${path}: ${id}`);
      if (type === "dropdown") {
        ok((attributes?.options ?? []).length >= 2, path);
      }
    }
    const ids = body.flatMap((it) => it.id ?? []);
    deepStrictEqual(new Set(ids).size, ids.length, path);
    const labels = body.flatMap((it) => it.attributes?.label ?? []);
    deepStrictEqual(new Set(labels).size, labels.length, path);
  }
});

Deno.test("what is said to contributors leads to files, and to nobody's mailbox", async () => {
  const paths = (await listFiles(".github/")).filter((it) =>
    /\.(?:md|yml)$/.test(it) && !it.includes("/workflows/")
  );
  ok(paths.length >= 8);
  for (const path of paths) {
    const text = await readText(path);
    ok(!/[\w.+-]+@[\w-]+\.[a-z]{2,}/.test(text), `${path} has an address`);
    for (const [, target = ""] of text.matchAll(/\/blob\/main\/([^)\s#]+)/g)) {
      ok(await exists(target), `${path}: ${target}`);
    }
  }
});

Deno.test("a weakness is reported in private, wherever one looks", async () => {
  const inPrivate = `${REPOSITORY}security/advisories/new`;
  for (
    const path of [
      ".github/SECURITY.md",
      ".github/CODE_OF_CONDUCT.md",
      `${FORMS}bug.yml`,
      `${FORMS}config.yml`,
    ]
  ) ok((await readText(path)).includes(inPrivate), path);
});
