import { strictEqual } from "node:assert/strict";
import { EARLY_TIMERS_MAX } from "./_early_timer.ts";

const HEAD = `
  import { systemHost } from "${import.meta.resolve("./system.ts")}";
  const { clock } = systemHost();
`;

/** How long a process may take that is not kept going. */
const RUN_MS_MAX = 30_000;

/** Runs a program in a process of its own, as only its first timers are early. */
async function printed(program: string): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, HEAD + program);
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--quiet", path],
      stderr: "null",
      // One that is kept going fails its test instead of holding it up.
      signal: AbortSignal.timeout(RUN_MS_MAX),
    }).output();
    return `${new TextDecoder().decode(stdout)}${code}`;
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("the first timers of a process ring once, by their delay, and keep it going", async () => {
  const count = EARLY_TIMERS_MAX + 2;
  const text = await printed(`
    let rung = 0;
    for (let i = 0; i < ${count}; i++) clock.timer(1, () => rung++);
    clock.timer(60, () => console.log("later", rung));
    clock.timer(0, () => console.log("first"));
  `);
  strictEqual(text, `first\nlater ${count}\n0`);
});

Deno.test("an early timer keeps a process going that waits for nothing else", async () => {
  strictEqual(
    await printed(`clock.timer(20, () => console.log("rang"));`),
    "rang\n0",
  );
});

Deno.test("an early timer takes what setTimeout takes for a delay", async () => {
  const text = await printed(`
    const startedMs = performance.now();
    for (const delayMs of [NaN, -5, 0]) clock.timer(delayMs, () => {});
    clock.timer(30.5, () => {
      console.log(performance.now() - startedMs >= 30);
    });
  `);
  strictEqual(text, "true\n0");
});

Deno.test("an early timer that was stopped neither rings nor keeps its process", async () => {
  const text = await printed(`
    const stops = [];
    for (let i = 0; i < ${EARLY_TIMERS_MAX}; i++) {
      stops.push(clock.timer(3_600_000, () => console.log("rang")));
    }
    clock.timer(10, () => { for (const stop of stops) stop(); });
  `);
  strictEqual(text, "0");
});

Deno.test("an error in an early timer ends its process, as in a later one", async () => {
  strictEqual(
    await printed(`clock.timer(1, () => { throw new Error("x"); });`),
    "1",
  );
});
