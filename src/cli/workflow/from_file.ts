/**
 * Stores workflows that manifests describe.
 *
 * @module
 */

import type { Workflow } from "../../../gen/stigmer/backend/v1/workflow_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import { StigmerError } from "../../model/error.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { readOnly, showFaults } from "../faults.ts";
import { showWritten } from "../written.ts";
import { WORKFLOW_VIEW } from "./resource.ts";

/** Stores the workflow of a file by a call of the client. */
export async function storeWorkflow(
  context: Context,
  how: {
    readonly file: string;
    /** What became of it: `created`. */
    readonly word: string;
    readonly store: (
      client: BackendClient,
      workflow: Workflow,
    ) => Promise<Workflow | undefined>;
  },
): Promise<Ending> {
  const { file, word } = how;
  const document = await readOnly(context, { file, kind: "Workflow" });
  const { resource } = document.resource;
  await using backend = await openFor(context);
  try {
    const item = resource.case === "workflow"
      ? await how.store(backend.client, resource.value)
      : undefined;
    if (item === undefined) {
      throw new StigmerError("INTERNAL", "The backend answered no workflow");
    }
    const written = { item, noun: "workflow", word };
    await showWritten(context, WORKFLOW_VIEW, written);
  } catch (error) {
    throw await showFaults(context, error, document);
  }
  return "ok";
}
