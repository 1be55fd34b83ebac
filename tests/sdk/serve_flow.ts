/**
 * A program that serves a workflow beside a server, until it is killed.
 *
 *     deno run -A tests/sdk/serve_flow.ts HOME LEDGER
 *
 * Each effect leaves a line in the ledger, which outlives the process.
 *
 * @module
 */

import "../standard_driver.ts";
import { type DurableWorkflow, serve, t, workflow } from "../../src/sdk/mod.ts";

/** What the workflow is given. */
export interface Order {
  readonly name: string;
}

/** Makes the workflow over a ledger. */
export function orderFlow(
  ledger: string,
): DurableWorkflow<Order, { name: string; by: string; pid: number }> {
  const note = (step: string): number => {
    Deno.writeTextFileSync(ledger, `${step}\n`, { append: true });
    return Deno.pid;
  };
  return workflow("order", { input: t.object({ name: t.string() }) })
    .task("take", async (ctx, { name }) => {
      if (name === "") throw new Error("Nobody ordered it");
      await ctx.step("book", () => note("book"));
      const { by } = await ctx.signal("approve", {
        schema: t.object({ by: t.string() }),
      });
      return { name, by };
    })
    .task("send", async (ctx, order) => ({
      ...order,
      pid: await ctx.step("send", () => note("send")),
    }));
}

if (import.meta.main) {
  const [home = "", ledger = ""] = Deno.args;
  await serve([orderFlow(ledger)], {
    home,
    onEvent: ({ kind }) => console.log(kind),
  });
}
