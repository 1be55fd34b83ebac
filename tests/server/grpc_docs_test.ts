import { deepEqual, equal, match } from "node:assert/strict";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { createPlace, type Place } from "../cli/program.ts";
import { addPrograms, blocksIn, linesOf, runLine } from "../cli/shown.ts";
import { bufPath } from "../servers/buf.ts";
import { grpcClient, serviceError } from "./grpc_server.ts";

const PAGE = new URL("../../docs/grpc.md", import.meta.url);
const SHOWN_ADDRESS = "127.0.0.1:7235";
const DEFAULT_ADDRESS = "127.0.0.1:7234";
const UNAVAILABLE = 14;
const ROUNDS_MAX = 20;

/** An address of this machine on which nothing listens. */
function freeAddress(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `127.0.0.1:${listener.addr.port}`;
}

/** Runs lines one after another in one shell, and gives what each writes. */
async function runLines(
  place: Place,
  lines: readonly string[],
): Promise<readonly string[]> {
  const script = lines.map((it) => `{ ${it}\n} 2>&1\necho "=== $?"\n`).join("");
  const { said } = await runLine(place, script);
  return said.split(/^=== \d+\n/m).slice(0, -1)
    .map((it) => it.trimEnd());
}

Deno.test("docs/grpc.md shows what happens, and a server that ends says so", async () => {
  if (Deno.build.os === "windows") return;
  const address = freeAddress();
  const listens = freeAddress();
  const page = await Deno.readTextFile(PAGE);
  const [token, start, ...calls] = blocksIn(page, "sh")
    .flatMap(({ text }) => linesOf(text))
    .map(({ line, output }) => ({
      output: output.join("\n"),
      line: line.replaceAll(SHOWN_ADDRESS, address)
        .replaceAll(DEFAULT_ADDRESS, listens),
    }));
  await using place = await createPlace();
  await addPrograms(place, { buf: `"${await bufPath()}"` });
  deepEqual(await runLines(place, [token?.line ?? ""]), [""]);
  const words = start?.line.split(" ").slice(1) ?? [];
  equal(words[0], "server");
  const server = place.start([...words, "--listen", listens]);
  await server.said(`Listening on http://${address}`);
  deepEqual(
    await runLines(place, calls.map(({ line }) => line)),
    calls.map(({ output }) => output),
  );
  equal(calls.length, 8);

  using client = grpcClient(address);
  const health = client.hear(Health.method.watch);
  deepEqual(await health.next(), { status: "SERVING" });
  server.kill("SIGTERM");
  deepEqual(await health.next(), { status: "NOT_SERVING" });
  let item = await health.next();
  for (let round = 0; round < ROUNDS_MAX && !(item instanceof Error); round++) {
    item = await health.next();
  }
  equal(serviceError(item).code, UNAVAILABLE);
  const { code, stderr } = await server.ended;
  equal(code, 0);
  match(stderr, /Drained/);
});

Deno.test("docs/grpc.md names the services that a server answers", async () => {
  const page = await Deno.readTextFile(PAGE);
  for (const { typeName } of [BackendService, Health]) {
    match(page, RegExp(`^${typeName}$`, "m"));
  }
});
