/**
 * A durable function of everything that can be cut off, and the process that
 * runs it until it is killed or done.
 *
 *     deno run -A tests/sdk/crash_flow.ts ORDER
 *
 * The order is JSON, see {@linkcode Order}. Each effect leaves a line in the
 * ledger, which outlives the process.
 *
 * @module
 */

import "../standard_driver.ts";
import { openLocalBackend } from "../../src/backend/local.ts";
import { systemHost } from "../../src/host/system.ts";
import { type DurableWorkflow, t, workflow } from "../../src/sdk/mod.ts";
import { standardDriver } from "../../src/store/drivers.ts";
import { type CommitKill, deathAt, mortalDriver } from "../mortal_driver.ts";

/** What a process is to do. */
export interface Order {
  readonly home: string;
  readonly ledger: string;
  /** What tells the execution from others. */
  readonly id: string;
  /** When it is killed; absent for never. */
  readonly kill?: CommitKill;
}

/** A line of the ledger. */
export interface Effect {
  readonly step: string;
  readonly key: string;
  readonly token: string;
  readonly pid: number;
}

/** What the workflow gives. */
export interface Outcome {
  readonly fetched: string;
  readonly left: string;
  readonly right: string;
  readonly approvedBy: string;
  readonly verdict: string;
  readonly tried: number;
  readonly stored: string;
  readonly uuid: string;
  readonly uuidAgain: string;
}

/** Does an effect: what it gives is never the same twice. */
function effect(ledger: string, step: string, key: string): string {
  const token = crypto.randomUUID();
  const line: Effect = { step, key, token, pid: Deno.pid };
  Deno.writeTextFileSync(ledger, `${JSON.stringify(line)}\n`, { append: true });
  return token;
}

/** Makes the workflow over a ledger. */
export function crashFlow(
  ledger: string,
): DurableWorkflow<{ readonly name: string }, Outcome> {
  const done = (step: string) =>
  ({ idempotencyKey }: {
    readonly idempotencyKey: string;
  }) => effect(ledger, step, idempotencyKey);
  return workflow("crash-flow")
    .task("gather", async (ctx, input: { name: string }) => {
      const uuid = await ctx.uuid();
      const fetched = await ctx.step("fetch", done("fetch"));
      await ctx.sleep("40ms");
      const [left, right] = await ctx.all([
        ctx.step("left", done("left")),
        ctx.step("right", done("right")),
      ]);
      return { fetched, left, right, uuid, uuidAgain: uuid, name: input.name };
    })
    .task("decide", async (ctx, { name, ...rest }) => {
      const tried = await ctx.step("flaky", ({ attempt, idempotencyKey }) => {
        if (attempt < 2) throw new Error("not yet");
        effect(ledger, "flaky", idempotencyKey);
        return attempt;
      }, { retry: { attempts: 3, delay: "10ms" } });
      const { by } = await ctx.signal("approve", {
        schema: t.object({ by: t.string() }),
      });
      const verdict = await ctx.agent<string>("judge", `Judge ${name}`);
      return { ...rest, tried, approvedBy: by, verdict };
    })
    .task("store", async (ctx, gathered): Promise<Outcome> => ({
      ...gathered,
      stored: await ctx.step("store", done("store")),
    }));
}

if (import.meta.main) await obey(JSON.parse(Deno.args[0] ?? ""));

async function obey({ home, ledger, id, kill }: Order): Promise<void> {
  const mortal = mortalDriver(standardDriver());
  await using backend = openLocalBackend({
    host: systemHost(),
    driver: mortal.driver,
    databasePath: `${home}/stigmer.db`,
    execute: "own",
  });
  if (kill !== undefined) mortal.watch(deathAt(kill));
  const output = await crashFlow(ledger).execute({ name: "Ada" }, {
    backend,
    id,
  });
  console.log(JSON.stringify(output));
}
