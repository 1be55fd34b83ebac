/**
 * What this room imports unseen, by name, for what is compiled into a binary.
 * Nothing runs it.
 *
 * @module
 */

/** One import of each module that is loaded by a computed path. */
export const EMBEDDED: readonly (() => Promise<unknown>)[] = [
  () => import("../agent/activities.ts"),
  () => import("../activity/calls.ts"),
  () => import("../activity/container.ts"),
  () => import("../activity/script.ts"),
  () => import("../activity/shell.ts"),
  () => import("../engine/ticks.ts"),
  () => import("../engine/worker.ts"),
  () => import("../expr/evaluate.ts"),
  () => import("../mcp/call.ts"),
  () => import("../store/contexts.ts"),
  () => import("../store/runs.ts"),
  () => import("../vault/mask.ts"),
  () => import("./apply.ts"),
  () => import("./child_execution.ts"),
  () => import("./cloud.ts"),
  () => import("./artifacts.ts"),
  () => import("./create_execution.ts"),
  () => import("./cassette.ts"),
  () => import("./environments.ts"),
  () => import("./execution_context.ts"),
  () => import("./execution_detail.ts"),
  () => import("./events.ts"),
  () => import("./executions.ts"),
  () => import("./lineage.ts"),
  () => import("./local.ts"),
  () => import("./given_names.ts"),
  () => import("./means.ts"),
  () => import("./model_of.ts"),
  () => import("./programs.ts"),
  () => import("./questions.ts"),
  () => import("./replays.ts"),
  () => import("./resource_changes.ts"),
  () => import("./run_secrets.ts"),
  () => import("./schedule_sync.ts"),
  () => import("./scheduler.ts"),
  () => import("./schedules.ts"),
  () => import("./respond.ts"),
  () => import("./secret_audit.ts"),
  () => import("./secrets_here.ts"),
  () => import("./skill_push.ts"),
  () => import("./store_execution.ts"),
  () => import("./vault_changes.ts"),
  () => import("./vault_status.ts"),
  () => import("./vault.ts"),
];
