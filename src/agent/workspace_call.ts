/**
 * Carries out calls of built-in tools.
 *
 * The workspace of an execution is opened when it is first needed, and shared
 * by its calls until {@linkcode Workspaces.release}.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { ActivityContext, ActivityOutcome } from "../model/durable.ts";
import { canonicalText } from "../model/json.ts";
import { workspaceToJson, workspaceToolNames } from "../model/workspace.ts";
import type { OwnFiles } from "../workspace/own_files.ts";
import { openedArguments } from "../workspace/opened.ts";
import { refused, type ToolText } from "../workspace/tool.ts";
import { openWorkspace, type Workspace } from "../workspace/tools.ts";
import { openReferences } from "./sealing.ts";
import { toolToJson } from "./turn.ts";
import type { WorkspaceRequest } from "./workspace_tool.ts";

/** The workspaces of all executions. */
export interface Workspaces {
  /** Carries out a call. */
  call(
    request: WorkspaceRequest,
    context: ActivityContext,
  ): Promise<ActivityOutcome>;
  /** Ends what runs for one execution; none is fine. */
  release(executionId: string): Promise<void>;
  /** Ends what runs for any. */
  close(): Promise<void>;
}

/** Makes the workspaces; none is opened yet. */
export function createWorkspaces(
  { host, ownFiles }: {
    readonly host: Host;
    /** What is Stigmer's own, and not there for tools. */
    readonly ownFiles?: OwnFiles | undefined;
  },
): Workspaces {
  const open = new Map<string, Map<string, Workspace>>();
  function workspaceOf(
    { settings }: WorkspaceRequest,
    { executionId, workingDirectory }: ActivityContext,
  ): Workspace {
    const own = open.get(executionId) ?? new Map<string, Workspace>();
    open.set(executionId, own);
    const key = canonicalText(workspaceToJson(settings));
    const found = own.get(key) ??
      openWorkspace({ host, settings, ownFiles, workingDirectory });
    own.set(key, found);
    return found;
  }
  async function release(executionId: string): Promise<void> {
    const own = open.get(executionId);
    open.delete(executionId);
    await Promise.all([...own?.values() ?? []].map((it) => it.close()));
  }
  return {
    async call(request, context) {
      const workspace = workspaceOf(request, context);
      const result = await carriedOut(request, { workspace, context, host });
      const { hide = (text: string) => text } = context.secrets ?? {};
      const output = toolToJson({ ...result, text: hide(result.text) });
      return { kind: "completed", output, isHidden: true };
    },
    release,
    async close() {
      await Promise.all([...open.keys()].map(release));
    },
  };
}

async function carriedOut(
  { settings, layers, tool, arguments: given, sealMark: mark }:
    WorkspaceRequest,
  { workspace, context, host }: {
    readonly workspace: Workspace;
    readonly context: ActivityContext;
    readonly host: Host;
  },
): Promise<ToolText> {
  // A call may come from a journal that an older version of the agent wrote.
  if (!workspaceToolNames(settings).some((it) => it === tool)) {
    return refused(`The agent has no tool "${tool}"`);
  }
  const { secrets } = context;
  const { os } = host.platform;
  return await workspace.call({
    tool,
    arguments: given,
    layers,
    async open(args) {
      const { open } = await openReferences(args, { mark, secrets });
      return openedArguments(args, { open, os });
    },
  }, context);
}
