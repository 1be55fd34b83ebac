import { strictEqual } from "node:assert/strict";
import { Client, credentials } from "@grpc/grpc-js";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { type MethodName, ROLE_OF } from "../../src/backend/caller.ts";
import { isEnough, ROLES } from "../../src/model/role.ts";
import { changedTables, startGuarded } from "./guarded.ts";
import { codeOf, status } from "./raw_grpc.ts";

Deno.test("gRPC refuses every call of every role as the table says", async () => {
  await using scene = await startGuarded();
  const client = new Client(await scene.grpc(), credentials.createInsecure());
  try {
    const before = scene.dump();
    for (const method of Object.keys(ROLE_OF) as MethodName[]) {
      const { name, parent } = BackendService.method[method];
      const path = `/${parent.typeName}/${name}`;
      strictEqual(
        await codeOf(client, path, undefined),
        status.UNAUTHENTICATED,
        name,
      );
      for (const role of ROLES) {
        const code = await codeOf(client, path, scene.tokens[role]);
        // Who may call is told that it is no message, which gRPC calls internal.
        const expected = isEnough(role, ROLE_OF[method])
          ? status.INTERNAL
          : status.PERMISSION_DENIED;
        strictEqual(code, expected, `${role} ${name}`);
      }
    }
    strictEqual(changedTables(before, scene.dump()), "");
  } finally {
    client.close();
  }
});

Deno.test("gRPC lets who has a token reflect, and everyone ask for health", async () => {
  await using scene = await startGuarded();
  const client = new Client(await scene.grpc(), credentials.createInsecure());
  try {
    const health = "/grpc.health.v1.Health/Check";
    strictEqual(await codeOf(client, health, undefined), status.INTERNAL);
    const reflection =
      "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    strictEqual(
      await codeOf(client, reflection, undefined),
      status.UNAUTHENTICATED,
    );
    strictEqual(
      await codeOf(client, reflection, scene.tokens.viewer),
      status.INTERNAL,
    );
    const nothing = "/some.other.Service/Call";
    strictEqual(
      await codeOf(client, nothing, scene.tokens.admin),
      status.UNIMPLEMENTED,
    );
  } finally {
    client.close();
  }
});
