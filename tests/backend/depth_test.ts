import { equal, match } from "node:assert/strict";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { until } from "../until.ts";
import { runningSuite } from "./suite.ts";

/** A workflow that starts itself anew, and does not wait for it. */
const SELF = {
  document: { dsl: "1.0.3", namespace: "t", name: "self", version: "1.0.0" },
  do: [{
    again: {
      run: {
        workflow: { namespace: "t", name: "self", version: "1.0.0" },
        await: false,
      },
    },
  }],
};

runningSuite(
  "a workflow that starts itself without waiting comes to an end",
  async (backend) => {
    const { client } = backend;
    const { execution } = await client.createExecution({
      kind: "Workflow",
      name: "self",
      definitions: [{
        resource: {
          case: "workflow",
          value: { metadata: { name: "self" }, spec: SELF },
        },
      }],
    });
    const page = { size: 100 };
    const failed = async () =>
      (await client.listExecutions({ phases: [Phase.FAILED], page }))
        .executions;
    await until(async () => (await failed()).length > 0);
    const { executions } = await client.listExecutions({ page });
    equal(executions.length, 32);
    const [last] = await failed();
    match(
      last?.status?.error?.detail ?? "",
      /Cannot start another execution: 32 were started by one another/,
    );
    // It is known who started one, though nobody waits for it.
    const first = execution?.metadata?.id;
    const second = executions.filter((it) =>
      it.spec?.startedByExecutionId === first
    );
    equal(second.length, 1);
    equal(second[0]?.spec?.parentExecutionId, "");
  },
);
