/**
 * The scenarios of the suite for servers, over `stigmer mcp serve`: what they
 * call are applied workflows.
 *
 * Those that want prompts, resources, completions, sampling, or content other
 * than text do not apply: agents and workflows offer none of them. Neither does
 * `server-sse-polling`, which wants a tool that cuts its own stream, and looks
 * under a version of the protocol for what only later ones have.
 *
 * @module
 */

import { outputOf, ROOT, runDeno } from "../command.ts";
import { runScenario, type ScenarioResult } from "./suite.ts";

/** What is served, as the suite's scenarios name it. */
const TOOLS = ".dev/conformance/server_tools.yaml";
const PROGRAM = "src/mod.ts";
/** How long the server may take to listen. */
const START_MS_MAX = 60_000;

/** Those that apply. */
const SCENARIOS = [
  "server-initialize",
  "logging-set-level",
  "ping",
  "tools-list",
  "tools-call-simple-text",
  "tools-call-error",
  "tools-call-with-logging",
  "tools-call-with-progress",
  "tools-call-elicitation",
  "elicitation-sep1034-defaults",
  "elicitation-sep1330-enums",
  "json-schema-2020-12",
  "server-sse-multiple-streams",
  "dns-rebinding-protection",
] as const;

/** Runs all that apply, one after the other. */
export async function runServerScenarios(): Promise<readonly ScenarioResult[]> {
  const home = await Deno.makeTempDir({ prefix: "stigmer-suite-" });
  try {
    await using server = await startServer(home);
    const results: ScenarioResult[] = [];
    for (const name of SCENARIOS) {
      results.push(await runScenario(name, ["server", "--url", server.url]));
    }
    return results;
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

interface Serving extends AsyncDisposable {
  readonly url: string;
}

/** Applies what is called, and serves it at a port that is free. */
async function startServer(home: string): Promise<Serving> {
  const env = { STIGMER_HOME: home, STIGMER_KEY_SOURCE: "key-file" };
  const words = ["run", "-A", "-q", "--no-check", "--cached-only", PROGRAM];
  const applied = await runDeno([...words, "apply", "-f", TOOLS], { env });
  if (!applied.ok) throw new Error(outputOf(applied));
  const child = new Deno.Command(Deno.execPath(), {
    args: [...words, "mcp", "serve", "--http", "127.0.0.1:0"],
    cwd: ROOT,
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const end = async (): Promise<void> => {
    // Ended already is fine.
    try {
      child.kill("SIGTERM");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await child.status;
  };
  const late = setTimeout(() => void end(), START_MS_MAX);
  const [told, rest] = child.stderr.tee();
  void rest.pipeTo(new WritableStream()).catch(() => {});
  let heard = "";
  for await (const text of told.pipeThrough(new TextDecoderStream())) {
    heard += text;
    const [url] = /http:\S+/.exec(heard) ?? [];
    if (url === undefined || !heard.includes("\n")) continue;
    clearTimeout(late);
    return { url, [Symbol.asyncDispose]: end };
  }
  clearTimeout(late);
  throw new Error(`It did not listen: ${heard}`);
}
