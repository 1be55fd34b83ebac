import assert from "node:assert/strict";
import {
  completeEvent,
  eventData,
  eventProblem,
  rawEventData,
} from "./cloud_event.ts";
import type { CloudEvent } from "./durable.ts";
import { EVENT_SIZE_BYTES_MAX } from "./limits.ts";

const DEFAULTS = { id: "1", source: "/test", nowMs: 0 };
const EVENT: CloudEvent = completeEvent({ type: "a.b" }, DEFAULTS);

Deno.test("completeEvent() fills in what is left out, and only that", () => {
  assert.deepEqual(completeEvent({ type: "a.b", data: null }, DEFAULTS), {
    specversion: "1.0",
    id: "1",
    source: "/test",
    type: "a.b",
    time: "1970-01-01T00:00:00.000Z",
    datacontenttype: "application/json",
    data: null,
  });
  const whole: CloudEvent = {
    specversion: "1.0",
    id: "7",
    source: "urn:x",
    type: "a.b",
    time: "2026-01-31T08:00:00+01:00",
    datacontenttype: "text/plain",
    subject: "s",
    roomid: 5,
    data: "text",
  };
  assert.deepEqual(completeEvent(whole, DEFAULTS), whole);
  const bytes = completeEvent({ type: "a", data_base64: "AA==" }, DEFAULTS);
  assert.equal(bytes.datacontenttype, undefined);
});

Deno.test("completeEvent() takes an attribute that is null for left out", () => {
  const event = completeEvent({ type: "a", id: null, subject: null }, DEFAULTS);
  assert.equal(event.id, "1");
  assert.ok(!("subject" in event));
});

Deno.test("eventProblem() takes what the specification takes", () => {
  const more: readonly CloudEvent[] = [
    {},
    { source: "https://x.y/z?q=1#f" },
    { source: "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66" },
    { time: "2026-01-31t08:00:00.123456z" },
    { datacontenttype: "application/vnd.x+json; charset=utf-8" },
    { dataschema: "https://x.y/schema" },
    { traceparent: "00-x", sampled: true, count: -5 },
    { data_base64: "aGk=" },
  ];
  for (const it of more) {
    assert.equal(eventProblem({ ...EVENT, ...it }), undefined);
  }
});

Deno.test("eventProblem() names the attribute that is wrong", () => {
  const cases: readonly [CloudEvent, string, RegExp][] = [
    [{ type: "" }, "type", /not be empty/],
    [{ type: 5 }, "type", /must be a text, not a number/],
    [{ id: "" }, "id", /not be empty/],
    [{ source: "a b" }, "source", /URI reference/],
    [{ specversion: "0.3" }, "specversion", /"1.0"/],
    [{ time: "yesterday" }, "time", /2026-01-31T08:00:00Z/],
    [{ time: "2026-13-31T08:00:00Z" }, "time", /2026-01-31T08:00:00Z/],
    [{ subject: "" }, "subject", /not be empty/],
    [{ datacontenttype: "json" }, "datacontenttype", /media type/],
    [{ dataschema: "schema.json" }, "dataschema", /whole URI/],
    [{ roomId: "x" }, "roomId", /lower-case/],
    [{ room_id: "x" }, "room_id", /lower-case/],
    [{ roomid: { a: 1 } }, "roomid", /not an object/],
    [{ roomid: 1.5 }, "roomid", /32 bits/],
    [{ roomid: 2 ** 31 }, "roomid", /32 bits/],
    [{ data_base64: "?" }, "data_base64", /base64/],
    [{ data: 1, data_base64: "AA==" }, "data_base64", /beside "data"/],
    [{ data: "x".repeat(EVENT_SIZE_BYTES_MAX) }, "", /bytes, at most/],
  ];
  for (const [more, attribute, message] of cases) {
    const problem = eventProblem({ ...EVENT, ...more });
    assert.equal(problem?.attribute, attribute, JSON.stringify(problem));
    assert.match(problem?.message ?? "", message);
  }
  const { type: _, ...untyped } = EVENT;
  assert.deepEqual(eventProblem(untyped), {
    attribute: "type",
    message: "is missing",
  });
});

Deno.test("eventData() decodes what came in base64, as far as it can be", () => {
  const base64 = (text: string) => new TextEncoder().encode(text).toBase64();
  const cases: readonly [CloudEvent, unknown, unknown][] = [
    [{ data: { a: 1 } }, { a: 1 }, { a: 1 }],
    [{ data: "aGk=" }, "aGk=", "aGk="],
    [{}, null, null],
    [{ data_base64: base64("hi") }, "hi", base64("hi")],
    [
      { datacontenttype: "application/x+json", data_base64: base64('{"a":1}') },
      { a: 1 },
      base64('{"a":1}'),
    ],
    [
      { datacontenttype: "application/json", data_base64: base64("{") },
      "{",
      base64("{"),
    ],
    [{ data_base64: "/w==" }, "/w==", "/w=="],
  ];
  for (const [event, data, raw] of cases) {
    assert.deepEqual(eventData(event), data);
    assert.deepEqual(rawEventData(event), raw);
  }
});
