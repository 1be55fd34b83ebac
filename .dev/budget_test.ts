import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import {
  type Budget,
  BUDGETS,
  loadedBy,
  overBudget,
  tooLarge,
  tooLate,
} from "./budget.ts";
import { ROOT } from "./command.ts";

const VERSION = budgetOf("version");

function budgetOf(name: string): Budget {
  const found = BUDGETS.find((it) => it.name === name);
  if (found === undefined) throw new Error(`No budget of "${name}"`);
  return found;
}

/** Starts a command through a program that imports something besides. */
async function loadedWith(careless: string): Promise<readonly string[]> {
  const made = await Deno.makeTempDir({ prefix: "stigmer-budget-" });
  const work = await Deno.realPath(made);
  try {
    const program = `${work}/careless.ts`;
    const source = (path: string) =>
      JSON.stringify(new URL(`../${path}`, import.meta.url).href);
    await Deno.writeTextFile(
      program,
      `import { main } from ${source("src/cli/main.ts")};
      import { systemHost } from ${source("src/host/system.ts")};
      ${careless === "" ? "" : `import ${source(careless)};`}
      Deno.exit(await main(["version"], systemHost()));`,
    );
    const { modules } = await loadedBy(program, {
      args: [],
      root: ROOT,
      work,
      config: `${ROOT}deno.json`,
    });
    return overBudget(VERSION, { modules });
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

Deno.test("a command that imports what it needs is within its budget", async () => {
  equal(await loadedWith(""), []);
});

Deno.test("a careless import is over budget, by its room and by its number", async () => {
  const wrong = await loadedWith("src/workflow/check.ts");
  match(wrong[0] ?? "", /^"version" loads \d+ modules, at most 28 are/);
  const named = '"version" loads src/workflow/check.ts: it needs nothing of ' +
    "workflow";
  ok(wrong.includes(named), wrong.join("\n"));
});

Deno.test("overBudget() lets what is generated count, and have no room", () => {
  const modules = ["gen/runtime/yaml.js", "src/mod.ts"];
  equal(overBudget(VERSION, { modules }), []);
  equal(overBudget({ ...VERSION, modulesMax: 1 }, { modules }).length, 1);
});

Deno.test("tooLarge() tells what is above the size, and only that", () => {
  equal(tooLarge(VERSION, VERSION.kibMax), []);
  match(tooLarge(VERSION, VERSION.kibMax + 1)[0] ?? "", /at most 38 are/);
});

Deno.test("tooLate() tells what runs and is compiled apart, and the way out", () => {
  equal(tooLate(VERSION, VERSION.lateMax), []);
  match(
    tooLate(VERSION, VERSION.lateMax + 1)[0] ?? "",
    /^"version" runs 9 functions .* at most 8 .* "deno task eager"$/,
  );
});
