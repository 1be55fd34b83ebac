/**
 * The RPCs of artifacts.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  type Artifact,
  ArtifactSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { notFound } from "../model/error.ts";
import { type ExecutionId, newId, parseExecutionId } from "../model/id.ts";
import {
  type ArtifactRecord,
  getArtifact,
  listArtifacts,
  readArtifact,
  storeArtifact,
} from "../store/artifacts.ts";
import { getExecution, runNumber } from "../store/executions.ts";
import { importUnseen } from "../model/unseen.ts";
import { idSource, type ServiceDeps } from "./deps.ts";
import { redact } from "./redaction.ts";

/** The RPCs of artifacts. */
export type ArtifactService = Pick<
  ServiceImpl<typeof BackendService>,
  "storeArtifact" | "getArtifact" | "listArtifacts"
>;

/** Makes the RPCs of artifacts. */
export function artifactService(deps: ServiceDeps): ArtifactService {
  const { database } = deps.store;
  return {
    async storeArtifact(request) {
      const executionId = requireExecutionId(deps, request.executionId);
      const artifact = storeArtifact(database, {
        id: newId("art", idSource(deps.host)),
        executionId,
        name: await maskedName(deps, executionId, request.name),
        contentType: request.contentType,
        content: new Uint8Array(request.content),
        nowMs: deps.host.clock.now(),
      });
      return { artifact: artifactMessage(artifact) };
    },
    getArtifact({ id, executionId }) {
      const artifact = getArtifact(database, { id }) ??
        getArtifact(database, { executionId, name: id });
      if (artifact === undefined) throw notFound("artifact", id);
      return {
        artifact: artifactMessage(artifact),
        content: readArtifact(database, artifact),
      };
    },
    listArtifacts({ executionId, page }) {
      const found = listArtifacts(
        database,
        requireExecutionId(deps, executionId),
        { size: page?.size ?? 0, token: page?.token ?? "" },
      );
      return {
        artifacts: found.items.map(artifactMessage),
        nextPageToken: found.nextToken,
      };
    },
  };
}

/** The name without what the execution may open, while it has not ended. */
async function maskedName(
  deps: ServiceDeps,
  executionId: ExecutionId,
  name: string,
): Promise<string> {
  const execution = getExecution(deps.store.database, executionId);
  if (execution?.sealMark === undefined) return redact(name);
  const { createRunSecrets } = await importUnseen<
    typeof import("./run_secrets.ts")
  >("./run_secrets.ts", import.meta.url);
  const secrets = createRunSecrets(deps, execution, []);
  if (secrets.names.length === 0) return redact(name);
  return (await secrets.mask()).text(redact(name));
}

function requireExecutionId(deps: ServiceDeps, text: string): ExecutionId {
  const id = parseExecutionId(text);
  if (id !== undefined && runNumber(deps.store.database, id) !== undefined) {
    return id;
  }
  throw notFound("execution", text);
}

function artifactMessage(artifact: ArtifactRecord): Artifact {
  const { createdAtMs, ...rest } = artifact;
  return create(ArtifactSchema, {
    ...rest,
    createdAt: timestampFromMs(createdAtMs),
  });
}
