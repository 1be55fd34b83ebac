import assert from "node:assert/strict";
import type { BackendClient } from "../../src/backend/open.ts";
import { startFlow, storeFlow } from "../backend/flow.ts";
import { fails } from "../backend/suite.ts";
import { createPlace } from "../cli/program.ts";
import { clientOf } from "../cloud/serving.ts";
import { startRecorder } from "../servers/recorder.ts";
import { until } from "../until.ts";
import { canMount, startMounted } from "./mounted.ts";
import { completed, startServing } from "./server_process.ts";

const DISK_MIB = 8;
const FILL = 'cat /dev/zero > "$HOME_DIR/ballast" 2>/dev/null || true';
const FREE = 'rm "$HOME_DIR/ballast"';

async function create(client: BackendClient, name: string): Promise<void> {
  await client.createEnvironment({ environment: { metadata: { name } } });
}

Deno.test({
  name: "a server on a full disk says so, reads on, and goes on",
  ignore: !await canMount(),
  async fn() {
    await using place = await createPlace();
    const { promise: go, resolve } = Promise.withResolvers<void>();
    await using world = startRecorder(async () => {
      await go;
      return Response.json({ done: true });
    });
    await using server = await startMounted(place, { sizeMib: DISK_MIB });
    await using backend = clientOf(server.port, { reconnectTimeoutMs: 1 });
    const { client } = backend;
    await storeFlow(client, [{
      ask: {
        call: "http",
        with: { method: "post", endpoint: { uri: world.url }, body: {} },
      },
    }]);
    const id = await startFlow(client);
    await until(() => world.requests.length === 1);
    await server.inside(FILL);
    let made = 0;
    // What the database had in reserve is used up first.
    await until(() =>
      create(client, `env-${made}`).then(() => {
        made++;
        return false;
      }, () => true)
    );
    await fails(
      create(client, `env-${made}`),
      "RESOURCE_EXHAUSTED",
      /the disk is full/,
    );
    // The effect is over, and cannot be written down.
    resolve();
    await until(() => server.said().includes("execution trouble"));
    const { environments } = await client.listEnvironments({
      page: { size: 1000 },
    });
    assert.equal(environments.length, made);
    await server.inside(FREE);
    await create(client, `env-${made}`);
    await completed(client, id);
    const keys = world.requests.map((it) => it.headers.get("idempotency-key"));
    assert.equal(new Set(keys).size, 1);
  },
});

Deno.test("a server whose database was removed ends, as what it wrote would be lost", async () => {
  await using place = await createPlace();
  await using server = await startServing(place);
  await using backend = clientOf(server.port, { reconnectTimeoutMs: 1 });
  await create(backend.client, "before");
  for (const end of ["", "-wal", "-shm"]) {
    await Deno.remove(`${place.home}/stigmer.db${end}`);
  }
  const { code, stderr } = await server.program.ended;
  assert.equal(code, 1);
  assert.match(
    stderr,
    /Error: Cannot go on with database ".*": it was removed/,
  );
  assert.match(stderr, /Hint: .*stigmer restore/);
});
