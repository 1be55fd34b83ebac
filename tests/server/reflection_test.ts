import assert from "node:assert/strict";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { certificateOf } from "../servers/certificate.ts";
import { runBuf } from "../servers/buf.ts";
import { LOOPBACK, withGrpc } from "./grpc_server.ts";

const SERVICES = [
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
  BackendService.typeName,
];

/** What `buf curl` writes, and whether it ended well. */
async function bufCurl(
  ...args: string[]
): Promise<{ readonly ok: boolean; readonly text: string }> {
  const { ok, stdout, stderr } = await runBuf(["curl", ...args]);
  return { ok, text: ok ? stdout : stderr };
}

/** The lines of a text. */
function linesOf(text: string): readonly string[] {
  return text.trim().split("\n");
}

for (const name of ["grpc-v1", "grpc-v1alpha"]) {
  Deno.test(`buf curl learns the services by ${name}`, async () => {
    await withGrpc(async ({ grpc }) => {
      const { ok, text } = await bufCurl(
        "--reflect-protocol",
        name,
        "--list-services",
        `http://${grpc.address}`,
      );
      assert.ok(ok, text);
      assert.deepEqual(linesOf(text), SERVICES);
    });
  });
}

Deno.test("buf curl learns every call of the contract", async () => {
  await withGrpc(async ({ grpc }) => {
    const { text } = await bufCurl(
      "--list-methods",
      `http://${grpc.address}`,
    );
    const { typeName, methods } = BackendService;
    const lines = linesOf(text);
    for (const { name } of methods) {
      assert.ok(lines.includes(`${typeName}/${name}`), name);
    }
  });
});

for (const protocol of ["grpc", "connect", "grpcweb"]) {
  Deno.test(`buf curl calls over ${protocol} what it learnt, over TLS`, async () => {
    const tls = await certificateOf("127.0.0.1");
    const caFile = await Deno.makeTempFile();
    await Deno.writeTextFile(caFile, tls.cert);
    await withGrpc(async ({ grpc }) => {
      const { ok, text } = await bufCurl(
        "--cacert",
        caFile,
        "--protocol",
        protocol,
        `https://${grpc.address}/${BackendService.typeName}/GetBackendInfo`,
      );
      assert.ok(ok, text);
      assert.equal(JSON.parse(text).identity, "local-user");
    }, { grpc: { address: LOOPBACK, tls } });
    await Deno.remove(caFile);
  });
}

Deno.test("buf curl learns the services where gRPC is not spoken, too", async () => {
  await withGrpc(async ({ http }) => {
    for (const protocol of ["connect", "grpcweb"]) {
      const { ok, text } = await bufCurl(
        "--protocol",
        protocol,
        "--list-services",
        `http://${http.address}`,
      );
      assert.ok(ok, text);
      assert.deepEqual(linesOf(text), SERVICES);
    }
  });
});

Deno.test("reflection needs a token where calls do", async () => {
  await withGrpc(async ({ grpc, client }) => {
    const address = `http://${grpc.address}`;
    const refused = await bufCurl("--list-services", address);
    assert.equal(refused.ok, false);
    assert.match(refused.text, /token/);
    const { text: token } = await client.createToken({
      name: "reader",
      role: "viewer",
    });
    const { ok, text } = await bufCurl(
      "--list-services",
      "--reflect-header",
      `authorization: Bearer ${token}`,
      address,
    );
    assert.ok(ok, text);
    assert.deepEqual(linesOf(text), SERVICES);
  }, { guarded: true });
});
