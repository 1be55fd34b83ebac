import { match, ok, strictEqual } from "node:assert/strict";
import { Code } from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { ROLE_OF } from "../backend/caller.ts";
import { ROLES } from "../model/role.ts";
import { type AskedMethod, refuseRole } from "./authorize.ts";

const CALLERS = ROLES.map((role) => ({ identity: `token:${role}`, role }));

function methodOf(typeName: string, name: string): AskedMethod {
  const localName = name.slice(0, 1).toLowerCase() + name.slice(1);
  return { name, localName, parent: { typeName } };
}

Deno.test("refuseRole() lets an admin make every call, and a viewer only read", () => {
  for (const method of BackendService.methods) {
    for (const caller of CALLERS) {
      const refused = refuseRole(caller, method);
      if (caller.role === "admin") strictEqual(refused, undefined);
      if (caller.role === "viewer" && refused === undefined) {
        // To apply is to ask what would change, for whoever only reads.
        match(method.name, /^(Get|List|Watch|Trace|Diagnose|ApplyResources$)/);
      }
    }
  }
  strictEqual(Object.keys(ROLE_OF).length, BackendService.methods.length);
});

Deno.test("refuseRole() refuses what no table gives, whatever the role", () => {
  const strange = [
    methodOf("stigmer.backend.v1.BackendService", "DropEverything"),
    methodOf("stigmer.backend.v1.BackendService", "ToString"),
    methodOf("stigmer.backend.v1.BackendService", "Constructor"),
    methodOf("some.other.Service", "ListAgents"),
    methodOf("constructor", "ListAgents"),
  ];
  for (const method of strange) {
    for (const caller of CALLERS) {
      const refused = refuseRole(caller, method);
      ok(refused !== undefined, method.name);
      strictEqual(refused.code, Code.PermissionDenied);
    }
  }
});

Deno.test("refuseRole() lets every role reflect", () => {
  for (const version of ["v1", "v1alpha"]) {
    const method = methodOf(
      `grpc.reflection.${version}.ServerReflection`,
      "ServerReflectionInfo",
    );
    for (const caller of CALLERS) {
      strictEqual(refuseRole(caller, method), undefined);
    }
  }
});
