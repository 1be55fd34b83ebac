/**
 * Says whether a caller's role is enough for a call.
 *
 * @module
 */

import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { type Caller, type MethodName, ROLE_OF } from "../backend/caller.ts";
import { isEnough, type Role } from "../model/role.ts";
import { refusal } from "./authenticate.ts";
import type { Verdict } from "./calls.ts";

/** A call as a role is asked for it. */
export type AskedMethod = Pick<DescMethod, "name" | "localName"> & {
  readonly parent: Pick<DescMethod["parent"], "typeName">;
};

/** What services besides the contract need. */
const ROLE_OF_SERVICE: Readonly<Record<string, Role>> = {
  "grpc.reflection.v1.ServerReflection": "viewer",
  "grpc.reflection.v1alpha.ServerReflection": "viewer",
};

/** Gives why a caller may not make a call, or `undefined` when it may. */
export function refuseRole(
  caller: Caller,
  method: AskedMethod,
): ConnectError | undefined {
  const needed = neededRole(method);
  if (needed !== undefined && isEnough(caller.role, needed)) return undefined;
  return refusal(
    needed === undefined
      ? `Cannot call "${method.name}": no role gives it`
      : `Cannot call "${method.name}": it needs the role ${needed}, and ` +
        `"${caller.identity}" has ${caller.role}`,
    Code.PermissionDenied,
    {
      hints: needed === undefined
        ? []
        : [`Log in with a token of the role ${needed}: stigmer login`],
    },
  );
}

/** Lets a call pass that its caller's role is enough for. */
export function byRole(verdict: Verdict, method: AskedMethod): Verdict {
  if (verdict instanceof ConnectError) return verdict;
  return refuseRole(verdict, method) ?? verdict;
}

/** What no table gives to anyone is nobody's. */
function neededRole({ localName, parent }: AskedMethod): Role | undefined {
  const { typeName } = parent;
  if (typeName !== BackendService.typeName) {
    return Object.hasOwn(ROLE_OF_SERVICE, typeName)
      ? ROLE_OF_SERVICE[typeName]
      : undefined;
  }
  return isMethodName(localName) ? ROLE_OF[localName] : undefined;
}

function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(ROLE_OF, name);
}
