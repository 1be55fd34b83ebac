/**
 * An agent in a folder whose tool server changes its tools as a test wants.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { createPlace, type Place, type Ran } from "../cli/program.ts";

const SERVER = fileURLToPath(
  new URL("../servers/changing_tools.ts", import.meta.url),
);
const TOOLS = "tools.json";
const LOG = "calls.log";

/** A tool as the server lists it. */
export interface ListedTool {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, boolean>>;
}

/** A tool that is called, or several. */
export type Turn = string | readonly string[];

/** A folder with an agent `bot`, whose server is `desk`. */
export interface TrustScene extends AsyncDisposable {
  readonly place: Place;
  /** How the server is started. */
  readonly stdio: { readonly command: string; readonly args: string[] };
  /** Says what tools there are; `next` after a call of `turn` or `die`. */
  list(tools: readonly ListedTool[], when?: "now" | "next"): Promise<void>;
  /** Runs the agent, whose model calls these in turn; those of a list at once. */
  run(turns: readonly Turn[], words?: readonly string[]): Promise<Ran>;
  /** Names the tools that the server was sent calls of. */
  calls(): Promise<readonly string[]>;
}

/** Makes the folder; the agent may call all its tools. */
export async function createTrustScene(
  spec: Readonly<Record<string, unknown>> = {},
): Promise<TrustScene> {
  const place = await createPlace();
  const log = `${place.folder}/${LOG}`;
  const run = ["run", "-q", "--no-config", "-A", SERVER];
  const args = [...run, `${place.folder}/${TOOLS}`, log];
  const stdio = { command: Deno.execPath(), args };
  await place.write(
    "bot.json",
    JSON.stringify({
      apiVersion: "agentic.stigmer.ai/v1",
      kind: "Agent",
      metadata: { name: "bot" },
      spec: {
        instructions: "Do as you are told.",
        model: { name: "script:script.json" },
        mcpServers: [{ name: "desk", stdio }],
        permissions: { allow: ["*"] },
        ...spec,
      },
    }),
  );
  return {
    place,
    stdio,
    list: (tools, when = "now") =>
      place.write(
        when === "now" ? TOOLS : `${TOOLS}.next`,
        JSON.stringify(tools.map(whole)),
      ),
    async run(turns, words = []) {
      await place.write("script.json", JSON.stringify(scriptOf(turns)));
      return await place.run(["run", "bot.json", "-i", "a=1", ...words]);
    },
    async calls() {
      const text = await Deno.readTextFile(log).catch(() => "");
      return text.split("\n").filter((line) => line !== "");
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

function whole(tool: ListedTool): ListedTool {
  const { name } = tool;
  return {
    description: `Does ${name}`,
    inputSchema: { type: "object" },
    annotations: { readOnlyHint: true },
    ...tool,
  };
}

/** Makes the calls, and says what came of the last. */
function scriptOf(turns: readonly Turn[]): unknown {
  const calls = turns.map((turn) =>
    [turn].flat().map((tool) => ({ tool: `desk_${tool}`, arguments: {} }))
  );
  const last = calls.at(-1) ?? [];
  const said = last.map((_, i) => `\${toolResults.${i}}`).join("\n");
  return { turns: [...calls.map((it) => ({ calls: it })), { say: said }] };
}
