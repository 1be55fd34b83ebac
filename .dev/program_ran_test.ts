import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { outputOf, runDeno } from "./command.ts";
import { keysOfRan, type Ran, readRan } from "./program_ran.ts";

const CODE = "function ran(){return[1].map(it=>it)}\n" +
  "function not(){return ran()}\nclass A{m(){return ran()}}\n" +
  "const alone=()=>new A().m();\nalone();\nexport{not};\n";

/** Starts a program in a folder of its own and reads what of it ran. */
async function check(
  use: (folder: string, ran: readonly Ran[]) => Promise<void>,
): Promise<void> {
  const made = await Deno.makeTempDir({ prefix: "stigmer ran ü-" });
  const folder = `${await Deno.realPath(made)}/`;
  try {
    await Deno.writeTextFile(`${folder}a b.js`, CODE);
    const args = ["run", "-A", `--coverage=${folder}coverage`, "a b.js"];
    const result = await runDeno(args, { cwd: folder });
    if (!result.ok) throw new Error(outputOf(result));
    await use(folder, await readRan(`${folder}coverage`, folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("keysOfRan() gives what ran and can be compiled with its module", async () => {
  await check(async (folder, ran) => {
    equal(ran.map(({ path }) => path), ["a b.js"]);
    equal(await keysOfRan(folder, ran), ["alone", "ran", "ran/1"]);
  });
});

Deno.test("readRan() refuses a folder that tells of no module", async () => {
  await check(async (folder) => {
    await rejects(
      () => readRan(`${folder}coverage`, "/elsewhere/"),
      /Nothing was written to/,
    );
  });
});
