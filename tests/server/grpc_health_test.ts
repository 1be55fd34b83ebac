import assert from "node:assert/strict";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { fails, grpcClient, STATUS, withGrpc } from "./grpc_server.ts";

Deno.test("health is told without a token, of the whole and of the contract", async () => {
  await withGrpc(async ({ grpc }) => {
    using client = grpcClient(grpc.address);
    for (const service of ["", BackendService.typeName]) {
      assert.deepEqual(
        await client.ask(Health.method.check, { service }),
        { status: "SERVING" },
      );
    }
    assert.match(
      await fails(
        client.ask(Health.method.check, { service: "no.Such" }),
        STATUS.notFound,
      ),
      /^Cannot check "no\.Such"/,
    );
  }, { guarded: true });
});

Deno.test("health is told over Connect and gRPC-Web", async () => {
  await withGrpc(async ({ http }) => {
    const url = `http://${http.address}/${Health.typeName}/Check`;
    const connect = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    assert.deepEqual(await connect.json(), { status: "SERVING" });
    const web = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/grpc-web+proto" },
      body: new Uint8Array(5),
    });
    const bytes = await web.bytes();
    // One message of two bytes, status SERVING; then the trailers.
    assert.deepEqual([...bytes.slice(0, 8)], [0, 0, 0, 0, 2, 8, 1, 0x80]);
    assert.match(new TextDecoder().decode(bytes), /grpc-status: 0/);
  }, { guarded: true });
});

Deno.test("health that is watched changes when the server drains", async () => {
  await withGrpc(async ({ grpc, server }) => {
    using client = grpcClient(grpc.address);
    const whole = client.hear(Health.method.watch);
    const unknown = client.hear(Health.method.watch, { service: "no.Such" });
    assert.deepEqual(await whole.next(), { status: "SERVING" });
    assert.deepEqual(await unknown.next(), { status: "SERVICE_UNKNOWN" });
    server.readiness.setTrouble("the disk is full");
    assert.deepEqual(await whole.next(), { status: "NOT_SERVING" });
    server.readiness.setTrouble(undefined);
    assert.deepEqual(await whole.next(), { status: "SERVING" });
    await server.drain();
    assert.deepEqual(await whole.next(), { status: "NOT_SERVING" });
    assert.deepEqual(
      await client.ask(Health.method.check),
      { status: "NOT_SERVING" },
    );
    whole.cancel();
    unknown.cancel();
  });
});

Deno.test("who may ask without a token asks briefly", async () => {
  await withGrpc(async ({ grpc, http }) => {
    using client = grpcClient(grpc.address);
    const long = { service: "x".repeat(10_000) };
    for (const repeat of [1, 2]) {
      const call = client.ask(Health.method.check, long);
      assert.match(
        await fails(call, STATUS.resourceExhausted),
        /4096/,
        `${repeat}`,
      );
    }
    const url = `http://${http.address}/${Health.typeName}/Check`;
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(long),
    });
    assert.equal((await response.json()).code, "resource_exhausted");
  }, { guarded: true });
});
