/**
 * Uses the real everything server over streamable HTTP, and prints what came
 * of it. That server listens on every interface: this is to be run in a
 * network namespace that has nothing but loopback.
 *
 *     unshare -rn sh -c 'ip link set lo up && exec "$@"' sh \
 *       deno run -A tests/servers/everything_user.ts
 *
 * @module
 */

import { systemHost } from "../../src/host/system.ts";
import { CATALOG } from "../../src/mcp/catalog.ts";
import { connect } from "../../src/mcp/connection.ts";
import { until } from "../until.ts";

/** Nothing else listens in a namespace of its own. */
const PORT = "3901";
const URL_OF_IT = `http://127.0.0.1:${PORT}/mcp`;
const TIMEOUT_MS = 20_000;

const served = new Deno.Command(Deno.execPath(), {
  args: [
    ...["run", "-q", "--no-config", "--no-lock", "--node-modules-dir=none"],
    ...["-A", `npm:${CATALOG.everything.package}`, "streamableHttp"],
  ],
  env: { PORT },
  stdin: "null",
  stdout: "piped",
  stderr: "null",
}).spawn();
let log = "";
const logging = (async (): Promise<void> => {
  for await (const text of served.stdout.pipeThrough(new TextDecoderStream())) {
    log += text;
  }
})();

try {
  await until(async () => {
    const response = await fetch(URL_OF_IT).catch(() => undefined);
    await response?.body?.cancel();
    return response !== undefined;
  }, TIMEOUT_MS);
  const stop = new AbortController();
  const connection = await connect({
    name: "everything",
    enabledTools: [],
    transport: { kind: "http", url: URL_OF_IT, headers: {} },
  }, {
    host: systemHost(),
    variables: {},
    workingDirectory: Deno.cwd(),
    signal: stop.signal,
    startTimeoutMs: TIMEOUT_MS,
  });
  const lines: string[] = [];
  const call = async (
    tool: string,
    args: Record<string, number | string>,
    signal: AbortSignal = stop.signal,
  ): Promise<string> => {
    const result = await connection.call({
      tool,
      arguments: args,
      idempotencyKey: "key",
      signal,
      timeoutMs: TIMEOUT_MS,
      onProgress: (line) => void lines.push(line),
    });
    return result.text;
  };
  const long = "trigger-long-running-operation";
  const echo = await call("echo", { message: "hi" });
  const done = await call(long, { duration: 0.3, steps: 3 });
  const progress = lines.splice(0);
  const late = new AbortController();
  const cancelled = call(long, { duration: 60, steps: 600 }, late.signal)
    .catch((error: Error) => error.message);
  await until(() => lines.length > 0, TIMEOUT_MS);
  late.abort(new Error("enough"));
  const reason = await cancelled;
  // The session goes on after a call of it was cancelled.
  const after = await call("echo", { message: "still here" });
  const offers = await connection.offers(stop.signal);
  await connection.close();
  await until(() => log.includes("session termination"), TIMEOUT_MS);
  console.log(JSON.stringify({
    echo,
    done,
    progress,
    reason,
    after,
    prompts: offers.prompts.length,
    isEnded: log.includes("session termination"),
  }));
} finally {
  served.kill("SIGKILL");
  await served.status;
  await logging;
}
