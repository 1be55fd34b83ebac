/**
 * `stigmer top`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Shows what is at work. */
export const command: Command = defineCommand({
  summary: "See what runs and waits now, and what it uses",
  needs: "backend",
  details: [
    "On a terminal it is drawn until q or Ctrl-C: a sorts by age, n by name, p by phase, t by tokens, c by cost, and the same key once more turns that round. Elsewhere it is printed once.",
    "What failed is shown for an hour; tokens and cost are those of executions that were created within the last hour.",
  ],
  arguments: {},
  options: {
    sort: {
      kind: "value",
      placeholder: "BY",
      summary: "Sort by this (default age)",
      choices: ["age", "name", "phase", "tokens", "cost"],
    },
    once: { kind: "flag", summary: "Print it once and end" },
  },
  examples: [
    { does: "Look on", line: "top" },
    { does: "See what costs most", line: "top --sort cost" },
    {
      does: "Have what is at work as JSON",
      line: "top --once -o json",
    },
  ],
  async run(context, { options }) {
    const { showTop } = await import("../topping.ts");
    return await showTop(context, options);
  },
});
