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
    /** Gives it as it is stored then, and what became of it: `created`. */
    readonly store: (
      client: BackendClient,
      workflow: Workflow,
    ) => Promise<
      { readonly item: Workflow | undefined; readonly word: string }
    >;
  },
): Promise<Ending> {
  const { file } = how;
  const document = await readOnly(context, { file, kind: "Workflow" });
  const { resource } = document.resource;
  await using backend = await openFor(context);
  try {
    const { item, word } = resource.case === "workflow"
      ? await how.store(backend.client, resource.value)
      : { item: undefined, word: "" };
    if (item === undefined) {
      throw new StigmerError("INTERNAL", "The backend answered no workflow");
    }
    const written = { item, noun: "workflow", word };
    await showWritten(context, WORKFLOW_VIEW, written);
  } catch (error) {
    const consequence = "nothing was stored";
    throw await showFaults(context, error, { document, consequence });
  }
  return "ok";
}
