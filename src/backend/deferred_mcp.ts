/**
 * The RPCs that start tool servers for a person, loaded when the first call
 * needs them.
 *
 * @module
 */

import { importUnseen } from "../model/unseen.ts";
import type { ServiceDeps } from "./deps.ts";
import type { McpCallService } from "./mcp_calls.ts";
import type { McpLoginService } from "./mcp_login.ts";
import type { McpTrustService } from "./mcp_trust.ts";

/** Makes the RPCs by which a person uses tool servers. */
export function deferredMcpCalls(deps: ServiceDeps): McpCallService {
  let loading: Promise<McpCallService> | undefined;
  const load = (): Promise<McpCallService> =>
    loading ??= importUnseen<typeof import("./mcp_calls.ts")>(
      "./mcp_calls.ts",
      import.meta.url,
    ).then(({ mcpCallService }) => mcpCallService(deps));
  return {
    inspectMcpServer: async (...call) =>
      (await load()).inspectMcpServer(...call),
    async *callMcpTool(...call) {
      yield* (await load()).callMcpTool(...call);
    },
  };
}

/** Makes the RPC by which a person trusts tools, loaded at the first call. */
export function deferredMcpTrust(deps: ServiceDeps): McpTrustService {
  let loading: Promise<McpTrustService> | undefined;
  const load = (): Promise<McpTrustService> =>
    loading ??= importUnseen<typeof import("./mcp_trust.ts")>(
      "./mcp_trust.ts",
      import.meta.url,
    ).then(({ mcpTrustService }) => mcpTrustService(deps));
  return {
    trustMcpTools: async (...call) => (await load()).trustMcpTools(...call),
  };
}

/** Makes the RPCs of logins to tool servers, loaded at the first call. */
export function deferredMcpLogin(deps: ServiceDeps): McpLoginService {
  let loading: Promise<McpLoginService> | undefined;
  const load = (): Promise<McpLoginService> =>
    loading ??= importUnseen<typeof import("./mcp_login.ts")>(
      "./mcp_login.ts",
      import.meta.url,
    ).then(({ mcpLoginService }) => mcpLoginService(deps));
  return {
    beginMcpLogin: async (...call) => (await load()).beginMcpLogin(...call),
    completeMcpLogin: async (...call) =>
      (await load()).completeMcpLogin(...call),
    logoutMcp: async (...call) => (await load()).logoutMcp(...call),
  };
}
