import { deepStrictEqual, ok } from "node:assert/strict";
import { offerFor } from "./completing.ts";
import { fakeContext } from "./fake_context.ts";

const NOTHING = { items: [], files: false };
/** How long something may take to begin. */
const TURNS_MAX = 2000;

Deno.test("offerFor() waits a second for names, and for no server longer", async () => {
  let asked = 0;
  const context = await fakeContext("--endpoint http://127.0.0.1:7299", {
    env: { STIGMER_TOKEN: "stg_x" },
    fetch: ({ signal }) => {
      asked++;
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => reject(signal.reason));
      return promise;
    },
  });
  const offered = offerFor(context, ["env", "get"], "");
  for (let turn = 0; turn < TURNS_MAX && asked === 0; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  ok(asked > 0, "the server was never asked");
  let isOver = false;
  void offered.then(() => isOver = true);
  context.host.clock.advance(999);
  await new Promise((resolve) => setTimeout(resolve, 0));
  ok(!isOver);
  context.host.clock.advance(1);
  deepStrictEqual(await offered, NOTHING);
  // What was asked for is given up as well.
  await new Promise((resolve) => setTimeout(resolve, 0));
});

Deno.test("offerFor() offers nothing where a server cannot be asked", async () => {
  const context = await fakeContext("--endpoint http://127.0.0.1:7299", {
    env: { STIGMER_TOKEN: "stg_x" },
    fetch: () => Promise.reject(new TypeError("connection refused")),
  });
  const offered = offerFor(context, ["env", "get"], "");
  // Whatever is tried again is tried in vain.
  let isOver = false;
  void offered.then(() => isOver = true);
  for (let turn = 0; turn < TURNS_MAX && !isOver; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    context.host.clock.advance(100);
  }
  deepStrictEqual(await offered, NOTHING);
  deepStrictEqual(context.host.terminal.text("stderr"), "");
});

Deno.test("offerFor() knows contexts", async () => {
  const context = await fakeContext("", {
    files: {
      "/home/user/.stigmer/config.yaml":
        "contexts:\n  lab:\n    endpoint: http://127.0.0.1:1\n",
    },
  });
  for (
    const before of [["backend", "switch"], ["env", "list", "--backend"]]
  ) {
    const { items } = await offerFor(context, before, "");
    deepStrictEqual(items.map((it) => it.value), ["local", "cloud", "lab"]);
  }
});
