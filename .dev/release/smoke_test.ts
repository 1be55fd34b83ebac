import { deepStrictEqual, match } from "node:assert/strict";
import { stage } from "../stage.ts";
import { permissionFlags, type Variant, VARIANTS } from "../targets.ts";
import { smoke } from "./smoke.ts";

/** Tries the staged program with what an executable of it may do. */
async function smokeStaged(variant: Variant): Promise<readonly string[]> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-staged-" });
  try {
    const { folder: root, denoDir, program } = await stage(folder);
    return await smoke([
      Deno.execPath(),
      "run",
      "--quiet",
      "--no-check",
      "--cached-only",
      `--config=${root}/deno.json`,
      ...permissionFlags(variant),
      `${root}/${program.entry}`,
    ], { mayRun: variant === "stigmer", env: { DENO_DIR: denoDir } });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const variant of VARIANTS) {
  Deno.test(`what ${variant} is made of works with what it may do`, async () => {
    deepStrictEqual(await smokeStaged(variant), []);
  });
}

Deno.test("smoke() finds each thing that a program does not do", async () => {
  // It ends well, whatever it is asked, and does nothing.
  const wrong = await smoke([Deno.execPath(), "eval", "--quiet", ""]);
  match(
    wrong.join("\n"),
    /^its version \(version\): it ended with 0, or did not write/,
  );
  match(wrong.join("\n"), /^a run of it \(run smoke /m);
});

Deno.test("smoke() finds a program that starts others and may not", async () => {
  const script = 'console.log("started a program")';
  const program = [Deno.execPath(), "eval", "--quiet", script] as const;
  const wrong = await smoke([...program], { mayRun: false });
  match(
    wrong.join("\n"),
    /^a program that it starts .*: it did what it may not/m,
  );
});
