import assert from "node:assert/strict";
import {
  type CronRule,
  cronTicksWithin,
  nextCronTick,
  readCron,
} from "./cron.ts";

const at = (text: string): number => Date.parse(text);

function rule(text: string): CronRule {
  const read = readCron(text);
  assert.ok(!("message" in read), JSON.stringify(read));
  return read;
}

Deno.test("readCron() takes five fields, six, words and zones", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["0 0 * * *", "2026-01-02T00:00:00.000Z"],
    ["  */5 * * * *  ", "2026-01-01T00:05:00.000Z"],
    ["*/10 * * * * *", "2026-01-01T00:00:10.000Z"],
    ["@daily", "2026-01-02T00:00:00.000Z"],
    ["30 9 * * MON-FRI", "2026-01-01T09:30:00.000Z"],
    ["0 0 * * 7", "2026-01-04T00:00:00.000Z"],
    ["0 0 1,15 * *", "2026-01-15T00:00:00.000Z"],
    ["0 12 L * *", "2026-01-31T12:00:00.000Z"],
    ["CRON_TZ=Europe/Berlin 0 9 * * *", "2026-01-01T08:00:00.000Z"],
    ["TZ=Asia/Tokyo 0 9 * * *", "2026-01-02T00:00:00.000Z"],
  ];
  for (const [text, next] of cases) {
    const tick = nextCronTick(rule(text), at("2026-01-01T00:00:00Z"));
    assert.equal(new Date(tick ?? 0).toISOString(), next, text);
  }
});

Deno.test("readCron() names the field that is wrong, and where it stands", () => {
  const cases: readonly (readonly [string, RegExp, number])[] = [
    ["61 * * * *", /"61 \* .* "61" is no minute/, 0],
    ["0 0 * 13 *", /"13" is no month/, 6],
    ["0 0 * * FUNDAY", /"FUNDAY" is no day of a week/, 8],
    ["CRON_TZ=UTC 0 25 * * *", /"25" is no hour/, 14],
    ["CRON_TZ=Mars/One 0 0 * * *", /"Mars\/One" is not the name/, 8],
    ["* * * *", /it has 4 fields, not five/, 0],
    ["", /it has 0 fields, not five/, 0],
    ["5/15 * * * *", /"5\/15" is no minute/, 0],
    ["every day", /it has 2 fields/, 0],
    ["@reboot", /"@reboot" is not/, 0],
    ["0 0 30 2 *", /never ticks/, 0],
  ];
  for (const [text, message, offset] of cases) {
    const problem = readCron(text);
    assert.ok("message" in problem, text);
    assert.match(problem.message, message);
    assert.doesNotMatch(problem.message, /CronPattern/);
    assert.equal(problem.offset, offset, text);
  }
});

Deno.test("nextCronTick() follows a zone through its change of clocks", () => {
  const berlin = rule("CRON_TZ=Europe/Berlin 0 9 * * *");
  const saturday = nextCronTick(berlin, at("2026-03-28T00:00:00Z"));
  assert.equal(saturday, at("2026-03-28T08:00:00Z"));
  assert.equal(nextCronTick(berlin, saturday), at("2026-03-29T07:00:00Z"));
});

Deno.test("cronTicksWithin() counts ticks up to and with the moment", () => {
  const daily = rule("0 0 * * *");
  const afterMs = at("2026-01-01T00:00:00Z");
  const within = (untilMs: number) =>
    cronTicksWithin(daily, { afterMs, untilMs });
  assert.equal(within(at("2026-01-01T23:59:59.999Z")), undefined);
  assert.deepEqual(within(at("2026-01-02T00:00:00Z")), {
    count: 1,
    lastMs: at("2026-01-02T00:00:00Z"),
  });
  assert.deepEqual(within(at("2026-01-05T12:00:00Z")), {
    count: 4,
    lastMs: at("2026-01-05T00:00:00Z"),
  });
});

Deno.test("cronTicksWithin() does not count for ever, and still finds the newest", () => {
  const found = cronTicksWithin(rule("* * * * * *"), {
    afterMs: at("2020-01-01T00:00:00Z"),
    untilMs: at("2026-01-01T00:00:00.500Z"),
  });
  assert.deepEqual(found, {
    count: 1000,
    lastMs: at("2026-01-01T00:00:00Z"),
  });
});
