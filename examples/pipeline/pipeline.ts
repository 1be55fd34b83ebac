/**
 * A durable pipeline: reads orders, adds up what each customer owes, waits
 * until someone lets the invoices go, and writes them.
 *
 *     deno run -A pipeline.ts [FILE]
 *
 * A file is worked on once, however often this is run, and whatever kills it
 * in between: it goes on after the last step that was recorded.
 *
 * @module
 */

import { type Fits, t, workflow } from "@stigmer/cli/sdk";

const ORDER = t.object({
  order: t.integer(),
  customer: t.string(),
  /** A text where the file has no number. */
  net: t.union(t.number(), t.string()),
});
type Order = Fits<typeof ORDER>;

const TAX = 1.2;

const invoices = workflow("invoices", {
  description: "Writes invoices out of a file of orders",
  input: t.object({ path: t.string() }),
})
  .task("extract", (ctx, { path }) =>
    ctx.step("read", async () => {
      const orders = ordersOf(await Deno.readTextFile(path));
      console.log(`read ${orders.length} orders of ${path}`);
      return orders;
    }, {
      // The file may come late.
      retry: { attempts: 20, delay: "200ms", backoff: "linear" },
      timeout: "10s",
    }))
  .task("transform", async (ctx, orders) => {
    const [owed, refused] = await ctx.all([
      ctx.step("add up", () => {
        const sums = owedIn(orders);
        console.log(`added up what ${Object.keys(sums).length} customers owe`);
        return sums;
      }),
      ctx.step("refuse", () => {
        const wrong = orders.filter((it) => !isPriced(it));
        console.log(`refused ${wrong.length} of ${orders.length} orders`);
        return wrong.map(({ order }) => order);
      }),
    ]);
    return { owed, refused };
  })
  .task("load", async (ctx, { owed, refused }) => {
    const { by } = await ctx.signal("approve", {
      schema: t.object({ by: t.string() }),
    });
    for (const [customer, gross] of Object.entries(owed)) {
      // A file that is written twice is there once.
      await ctx.step(`write ${customer}`, async ({ idempotencyKey }) => {
        await Deno.mkdir("invoices", { recursive: true });
        const text = JSON.stringify({ customer, gross, key: idempotencyKey });
        await Deno.writeTextFile(`invoices/${customer}.json`, `${text}\n`);
        console.log(`wrote invoices/${customer}.json`);
      });
    }
    return { owed, refused, approvedBy: by };
  });

/** Reads comma-separated values below a line of names. */
function ordersOf(text: string): Order[] {
  const [, ...lines] = text.trim().split("\n");
  return lines.map((line) => {
    const [order = "", customer = "", net = ""] = line.split(",");
    const price = Number(net);
    return {
      order: Number(order),
      customer,
      net: net === "" || isNaN(price) ? net : price,
    };
  });
}

function isPriced(order: Order): order is Order & { net: number } {
  return typeof order.net === "number";
}

/** Says what each customer owes, tax included. */
function owedIn(orders: readonly Order[]): Record<string, number> {
  const owed: Record<string, number> = {};
  for (const { customer, net } of orders.filter(isPriced)) {
    owed[customer] = (owed[customer] ?? 0) + net * TAX;
  }
  return owed;
}

if (import.meta.main) {
  const [path = "orders.csv"] = Deno.args;
  // Whoever names the same file goes on with the same execution.
  const done = await invoices.execute({ path }, { id: `invoices of ${path}` });
  console.log(JSON.stringify(done));
}
