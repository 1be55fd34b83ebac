/**
 * What a server counts, as Prometheus reads it (text format 0.0.4).
 *
 * @module
 */

/** Upper bounds of the buckets of a call's seconds. */
const SECONDS_BUCKETS = [
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  10,
] as const;

/** A call that is over. */
export interface EndedCall {
  readonly method: string;
  /** `ok`, or the code of its error. */
  readonly code: string;
  readonly durationMs: number;
  readonly streaming: boolean;
}

/** What is read when it is asked for. */
export interface Gauges {
  readonly version: string;
  readonly callsInFlight: number;
  readonly streamsOpen: number;
  readonly executionsRunning: number;
  readonly executionsPending: number;
  readonly databaseBytes: number;
  readonly memoryBytes: number;
  readonly ready: boolean;
  readonly startedAtMs: number;
}

/** Counts what a server does. */
export interface Metrics {
  callEnded(call: EndedCall): void;
  executionStarted(): void;
  executionEnded(phase: string): void;
  /** All of it, in the text format of Prometheus. */
  text(gauges: Gauges): string;
}

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

/** Makes counters that stand at zero. */
export function createMetrics(): Metrics {
  const requests = new Map<string, Map<string, number>>();
  const durations = new Map<string, Histogram>();
  const ended = new Map<string, number>();
  let started = 0;
  return {
    callEnded({ method, code, durationMs, streaming }) {
      let codes = requests.get(method);
      if (codes === undefined) requests.set(method, codes = new Map());
      add(codes, code);
      // How long someone watched says nothing of how fast the server is.
      if (!streaming) observe(durations, method, durationMs / 1000);
    },
    executionStarted: () => void started++,
    executionEnded: (phase) => add(ended, labels({ phase })),
    text: (gauges) =>
      [
        ...family("stigmer_requests_total", "counter", {
          help: "Calls that ended, by method and code",
          samples: labelled(requests),
        }),
        ...histograms(durations),
        ...family("stigmer_executions_started_total", "counter", {
          help: "Executions that this process took up",
          samples: new Map([["", started]]),
        }),
        ...family("stigmer_executions_ended_total", "counter", {
          help: "Executions that ended in this process, by phase",
          samples: ended,
        }),
        ...gaugeLines(gauges),
        "",
      ].join("\n"),
  };
}

/** Labels are written when they are asked for, not at each call. */
function labelled(
  requests: ReadonlyMap<string, ReadonlyMap<string, number>>,
): ReadonlyMap<string, number> {
  return new Map(
    [...requests].flatMap(([method, codes]) =>
      [...codes].map(([code, count]) =>
        [labels({ method, code }), count] as const
      )
    ),
  );
}

function gaugeLines(gauges: Gauges): readonly string[] {
  const rows: readonly (readonly [string, string, string, number])[] = [
    ["build_info", "The version", labels({ version: gauges.version }), 1],
    ["ready", "Whether it takes calls", "", gauges.ready ? 1 : 0],
    [
      "start_time_seconds",
      "Since when it answers",
      "",
      gauges.startedAtMs / 1000,
    ],
    ["requests_in_flight", "Calls under way", "", gauges.callsInFlight],
    ["streams_open", "Streams that are open", "", gauges.streamsOpen],
    [
      "executions_running",
      "Executions in the memory of this process",
      "",
      gauges.executionsRunning,
    ],
    [
      "executions_pending",
      "Executions that nobody has taken up",
      "",
      gauges.executionsPending,
    ],
    ["database_bytes", "Size of the database", "", gauges.databaseBytes],
  ];
  return [
    ...rows.flatMap(([name, help, label, value]) =>
      family(`stigmer_${name}`, "gauge", {
        help,
        samples: new Map([[label, value]]),
      })
    ),
    ...family("process_resident_memory_bytes", "gauge", {
      help: "Resident memory of the process",
      samples: new Map([["", gauges.memoryBytes]]),
    }),
  ];
}

function family(
  name: string,
  type: "counter" | "gauge",
  { help, samples }: {
    readonly help: string;
    readonly samples: ReadonlyMap<string, number>;
  },
): readonly string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...[...samples].map(([label, value]) => `${name}${label} ${value}`),
  ];
}

function histograms(all: ReadonlyMap<string, Histogram>): readonly string[] {
  const name = "stigmer_request_duration_seconds";
  const lines = [
    `# HELP ${name} How long calls that are no streams took`,
    `# TYPE ${name} histogram`,
  ];
  for (const [method, { counts, sum, count }] of all) {
    let below = 0;
    SECONDS_BUCKETS.forEach((bound, index) => {
      below += counts[index] ?? 0;
      lines.push(
        `${name}_bucket${labels({ method, le: String(bound) })} ${below}`,
      );
    });
    lines.push(
      `${name}_bucket${labels({ method, le: "+Inf" })} ${count}`,
      `${name}_sum${labels({ method })} ${sum}`,
      `${name}_count${labels({ method })} ${count}`,
    );
  }
  return lines;
}

function observe(
  all: Map<string, Histogram>,
  method: string,
  seconds: number,
): void {
  let histogram = all.get(method);
  if (histogram === undefined) {
    histogram = { counts: SECONDS_BUCKETS.map(() => 0), sum: 0, count: 0 };
    all.set(method, histogram);
  }
  const index = SECONDS_BUCKETS.findIndex((bound) => seconds <= bound);
  if (index >= 0) histogram.counts[index] = (histogram.counts[index] ?? 0) + 1;
  histogram.sum += seconds;
  histogram.count++;
}

function add(samples: Map<string, number>, label: string): void {
  samples.set(label, (samples.get(label) ?? 0) + 1);
}

function labels(values: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(values).map(([name, value]) =>
    `${name}="${value.replaceAll(/[\\"\n]/g, escaped)}"`
  );
  return `{${pairs.join(",")}}`;
}

function escaped(character: string): string {
  return character === "\n" ? "\\n" : `\\${character}`;
}
