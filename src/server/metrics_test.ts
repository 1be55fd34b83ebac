import { match, ok, strictEqual } from "node:assert/strict";
import { createMetrics, type Gauges } from "./metrics.ts";

const GAUGES: Gauges = {
  version: "1.0.0",
  callsInFlight: 1,
  streamsOpen: 2,
  executionsRunning: 3,
  executionsPending: 4,
  databaseBytes: 5,
  memoryBytes: 6,
  ready: false,
  startedAtMs: 1500,
};

/** The value of a sample, by all that stands before it. */
function valueOf(text: string, sample: string): string | undefined {
  const line = text.split("\n").find((it) => it.startsWith(`${sample} `));
  return line?.slice(sample.length + 1);
}

Deno.test("createMetrics() puts a call into each bucket that it fits", () => {
  const metrics = createMetrics();
  for (const durationMs of [0.5, 1, 3, 20_000]) {
    metrics.callEnded({
      method: "GetAgent",
      code: "ok",
      durationMs,
      streaming: false,
    });
  }
  const text = metrics.text(GAUGES);
  const bucket = (le: string): string | undefined =>
    valueOf(
      text,
      `stigmer_request_duration_seconds_bucket{method="GetAgent",le="${le}"}`,
    );
  strictEqual(bucket("0.001"), "2");
  strictEqual(bucket("0.0025"), "2");
  strictEqual(bucket("0.005"), "3");
  strictEqual(bucket("10"), "3");
  strictEqual(bucket("+Inf"), "4");
  match(text, /duration_seconds_sum\{method="GetAgent"\} 20\.0045/);
});

Deno.test("createMetrics() does not measure how long someone watches", () => {
  const metrics = createMetrics();
  metrics.callEnded({
    method: "WatchExecution",
    code: "ok",
    durationMs: 1e6,
    streaming: true,
  });
  const text = metrics.text(GAUGES);
  const sample = 'stigmer_requests_total{method="WatchExecution",code="ok"}';
  strictEqual(valueOf(text, sample), "1");
  ok(!text.includes('duration_seconds_count{method="WatchExecution"}'));
});

Deno.test("createMetrics() tells of the process as it is asked", () => {
  const metrics = createMetrics();
  metrics.executionStarted();
  metrics.executionEnded("failed");
  const text = metrics.text(GAUGES);
  for (
    const [sample, value] of [
      ["stigmer_executions_started_total", "1"],
      ['stigmer_executions_ended_total{phase="failed"}', "1"],
      ["stigmer_requests_in_flight", "1"],
      ["stigmer_streams_open", "2"],
      ["stigmer_executions_running", "3"],
      ["stigmer_executions_pending", "4"],
      ["stigmer_database_bytes", "5"],
      ["process_resident_memory_bytes", "6"],
      ["stigmer_ready", "0"],
      ["stigmer_start_time_seconds", "1.5"],
    ] as const
  ) strictEqual(valueOf(text, sample), value, sample);
  ok(text.endsWith("\n"));
});

Deno.test("createMetrics() lets no label end itself", () => {
  const metrics = createMetrics();
  metrics.executionEnded('a"b\\c\nd');
  match(metrics.text(GAUGES), /\{phase="a\\"b\\\\c\\nd"\} 1/);
});
