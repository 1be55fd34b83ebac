import assert from "node:assert/strict";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Schedule_Type } from "../../gen/stigmer/backend/v1/schedule_pb.ts";
import { WorkflowSpecSchema } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { fails, suite } from "./suite.ts";

type Apply = Parameters<BackendClient["applyResources"]>[0];

/** An apply of a workflow with a schedule, or with none. */
function withSchedule(
  name: string,
  schedule?: JsonValue,
  more: Pick<Apply, "dryRun"> = {},
): Apply {
  const spec = fromJson(WorkflowSpecSchema, {
    do: [{ a: { set: { x: 1 } } }],
    ...(schedule === undefined ? {} : { schedule }),
  });
  const value = { metadata: { name }, spec };
  return { ...more, resources: [{ resource: { case: "workflow", value } }] };
}

suite("a schedule comes and goes with its workflow", async (client) => {
  await client.applyResources(
    withSchedule("pulse", { every: "PT1H" }, { dryRun: true }),
  );
  assert.deepEqual((await client.listSchedules({})).schedules, []);
  const startMs = Date.now();
  await client.applyResources(withSchedule("pulse", { every: "PT1H" }));
  const { schedule } = await client.getSchedule({ workflow: "pulse" });
  assert.equal(schedule?.type, Schedule_Type.EVERY);
  assert.equal(schedule?.workflowName, "pulse");
  assert.equal(schedule?.description, "every 1 hour");
  assert.ok(schedule?.nextAt !== undefined);
  assert.ok(timestampMs(schedule.nextAt) >= startMs + 3_600_000);
  await client.applyResources(withSchedule("pulse", { on: { any: [] } }));
  const changed = await client.getSchedule({ workflow: "pulse" });
  assert.equal(changed.schedule?.type, Schedule_Type.ON);
  assert.equal(changed.schedule?.nextAt, undefined);
  await client.applyResources(withSchedule("pulse"));
  await fails(
    client.getSchedule({ workflow: "pulse" }),
    "NOT_FOUND",
    /^Cannot find a schedule of workflow "pulse": it has none$/,
  );
  await client.applyResources(withSchedule("pulse", { cron: "@daily" }));
  await client.deleteWorkflow({ name: "pulse" });
  assert.deepEqual((await client.listSchedules({})).schedules, []);
});

suite("a schedule is made by create and changed by update", async (client) => {
  const workflow = (schedule: JsonValue) => ({
    metadata: { name: "pulse" },
    spec: fromJson(WorkflowSpecSchema, {
      do: [{ a: { set: { x: 1 } } }],
      schedule,
    }),
  });
  await client.createWorkflow({ workflow: workflow({ every: "PT1H" }) });
  await client.updateWorkflow({ workflow: workflow({ every: "PT2H" }) });
  const { schedule } = await client.getSchedule({ workflow: "pulse" });
  assert.equal(schedule?.description, "every 2 hours");
});

suite("schedules are listed by name, page by page", async (client) => {
  for (const name of ["c", "a", "b"]) {
    await client.applyResources(withSchedule(name, { every: "PT1H" }));
  }
  const names: string[] = [];
  let token = "";
  do {
    const page = await client.listSchedules({ page: { size: 2, token } });
    names.push(...page.schedules.map((it) => it.workflowName));
    token = page.nextPageToken;
  } while (token !== "");
  assert.deepEqual(names, ["a", "b", "c"]);
  await fails(
    client.listSchedules({ page: { size: 2, token: "no" } }),
    "INVALID_ARGUMENT",
  );
});

suite("a schedule is held and let go, however often", async (client) => {
  await client.applyResources(withSchedule("pulse", { every: "PT1H" }));
  const workflow = "pulse";
  const before = await client.getSchedule({ workflow });
  for (const _ of [1, 2]) {
    const { schedule } = await client.pauseSchedule({ workflow });
    assert.equal(schedule?.paused, true);
    assert.equal(schedule?.nextAt, undefined);
  }
  for (const _ of [1, 2]) {
    const { schedule } = await client.resumeSchedule({ workflow });
    assert.equal(schedule?.paused, false);
    assert.deepEqual(schedule?.nextAt, before.schedule?.nextAt);
  }
  for (const act of [client.pauseSchedule, client.resumeSchedule]) {
    await fails(act({ workflow: "pluse" }), "NOT_FOUND", /"pluse"/);
    await fails(act({ workflow: "" }), "INVALID_ARGUMENT");
  }
});

suite(
  "a schedule that cannot be kept is refused at its place",
  async (client) => {
    const answer = await client.applyResources(
      withSchedule("pulse", { cron: "0 25 * * *" }),
    );
    assert.equal(answer.applied, false);
    const [diagnostic] = answer.results[0]?.diagnostics ?? [];
    assert.equal(diagnostic?.pointer, "/spec/schedule/cron");
    assert.equal(diagnostic?.offset, 2);
    assert.match(diagnostic?.message ?? "", /"25" is no hour/);
  },
);
