import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import type { Database } from "./driver.ts";
import { listNewestFirst, type NewestFirst } from "./newest_first.ts";
import { standardDriver } from "./drivers.ts";

const LIST: NewestFirst = {
  table: "letters",
  columns: "letter",
  scope: "letters",
  conditions: [],
  page: { size: 2, token: "" },
};

/** A table of letters, `a` the oldest. */
function letters(): Database {
  const database = standardDriver().open(":memory:");
  database.prepare(
    "CREATE TABLE letters (sequence INTEGER PRIMARY KEY, letter)",
  ).run();
  for (const it of "abcde") {
    database.prepare("INSERT INTO letters (letter) VALUES (?)").run(it);
  }
  return database;
}

/** The letters of each page. */
function pagesOf(database: Database, list: NewestFirst): readonly string[] {
  const pages: string[] = [];
  let token = "";
  do {
    const { size } = list.page;
    const page = listNewestFirst(database, { ...list, page: { size, token } });
    pages.push(page.items.map((it) => it.letter).join(""));
    token = page.nextToken;
  } while (token !== "");
  return pages;
}

Deno.test("listNewestFirst() leads through a table without gap or double", () => {
  using database = letters();
  deepStrictEqual(pagesOf(database, LIST), ["ed", "cb", "a"]);
  const whole = { ...LIST, page: { size: 5, token: "" } };
  deepStrictEqual(pagesOf(database, whole), ["edcba"]);
});

Deno.test("listNewestFirst() keeps to every condition that has a value", () => {
  using database = letters();
  const conditions: NewestFirst["conditions"] = [
    ["letter > ?", "a"],
    ["letter < ?", "e"],
    ["letter = ?", undefined],
  ];
  deepStrictEqual(pagesOf(database, { ...LIST, conditions }), ["dc", "b"]);
});

Deno.test("listNewestFirst() ends a page where no more fits", () => {
  using database = letters();
  const fitting = (): number => 1;
  const list = { ...LIST, fitting };
  deepStrictEqual(pagesOf(database, list), ["e", "d", "c", "b", "a"]);
});

Deno.test("listNewestFirst() refuses the token of another list", () => {
  using database = letters();
  const { nextToken: token } = listNewestFirst(database, LIST);
  const page = { size: 2, token };
  strictEqual(listNewestFirst(database, { ...LIST, page }).items.length, 2);
  throws(
    () => listNewestFirst(database, { ...LIST, scope: "digits", page }),
    /page token/,
  );
});
