/**
 * A workflow that calls a server with two secrets, for tests.
 *
 * @module
 */

import { fromJson } from "@bufbuild/protobuf";
import {
  type WorkflowSpec,
  WorkflowSpecSchema,
} from "../../gen/stigmer/backend/v1/workflow_pb.ts";

/** What is asked for to run it as it came along. */
export interface CallerRequest {
  readonly kind: "Workflow";
  readonly name: "caller";
  readonly definitions: {
    resource: {
      case: "workflow";
      value: { metadata: { name: string }; spec: WorkflowSpec };
    };
  }[];
}

/** The spec of a workflow that calls with the secrets TOKEN and RUN_KEY. */
export function callerSpec(url: string, more: object = {}): WorkflowSpec {
  return fromJson(WorkflowSpecSchema, {
    document: {
      dsl: "1.0.3",
      namespace: "t",
      name: "caller",
      version: "1.0.0",
    },
    use: { secrets: ["TOKEN", "RUN_KEY"] },
    ...more,
    do: ["one", "two"].map((name) => ({
      [name]: {
        call: "http",
        with: {
          method: "get",
          endpoint: `${url}/${name}`,
          headers: {
            key: "${ $secrets.TOKEN }",
            "run-key": "${ $secrets.RUN_KEY }",
          },
        },
      },
    })),
  });
}

/** A run of that workflow, which comes along. */
export function callerOf(url: string): CallerRequest {
  return {
    kind: "Workflow",
    name: "caller",
    definitions: [{
      resource: {
        case: "workflow",
        value: { metadata: { name: "caller" }, spec: callerSpec(url) },
      },
    }],
  };
}
