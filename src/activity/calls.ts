/**
 * The activities of calls: they share tokens, documents and connections.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Activity } from "../model/durable.ts";
import { createA2aActivity } from "./a2a.ts";
import { createAsyncApiActivities } from "./asyncapi.ts";
import { type Authorizer, createAuthorizer } from "./authorize.ts";
import { createDocuments } from "./documents.ts";
import { createGrpcActivity } from "./grpc.ts";
import { createHttpActivity } from "./http.ts";
import { createOpenApiActivity } from "./openapi.ts";
import { createResourceActivity } from "./resource.ts";

/** The activities with what ends what they hold. */
export interface CallActivities {
  /** To be plugged into the engine, by their names. */
  readonly activities: Readonly<Record<string, Activity>>;
  /** Proves who calls are, with the tokens that these share. */
  readonly authorizer: Authorizer;
  /** Lets go of what is held for an execution; nothing is fine. */
  release(executionId: string): void;
}

/** Makes the activities of calls. */
export function createCallActivities(
  { host }: { readonly host: Host },
): CallActivities {
  const authorizer = createAuthorizer({ host });
  const documents = createDocuments({ host, authorizer });
  const asyncApi = createAsyncApiActivities({ host, authorizer, documents });
  return {
    activities: {
      ...asyncApi.activities,
      a2a: createA2aActivity({ authorizer, documents }),
      grpc: createGrpcActivity({ authorizer, documents }),
      http: createHttpActivity({ authorizer }),
      openapi: createOpenApiActivity({ authorizer, documents }),
      resource: createResourceActivity({ documents }),
    },
    authorizer,
    release(executionId) {
      asyncApi.release(executionId);
      documents.release(executionId);
    },
  };
}
