import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { isJsonArray, type Json } from "../../src/model/json.ts";
import { createPlace, pick, type Place } from "./program.ts";

const LISTENER = `
document: { dsl: 1.0.3, namespace: t, name: hears, version: 1.0.0 }
do:
  - hear: { listen: { to: { one: { with: { type: test.go } } } } }
`;

/** The types of the events that are listed, the oldest first. */
async function types(place: Place): Promise<Json[]> {
  const items = pick(
    await place.json(["event", "list", "-o", "json"]),
    "items",
  );
  return (isJsonArray(items) ? items : [])
    .map((it) => pick(it, "cloudEvent.type") ?? null).reverse();
}

Deno.test("an event that was typed is published as it is", async () => {
  await using place = await createPlace();
  const json = await place.json([
    ...["event", "publish", "--type", "test.a", "--id", "7", "-o", "json"],
    ...["--source", "/x", "--subject", "s", "--attribute", "team=a"],
    ...["--data", '{"a": [1, "\${ .b }"]}'],
  ]);
  const time = pick(json, "cloudEvent.time");
  deepStrictEqual(pick(json, "cloudEvent"), {
    specversion: "1.0",
    id: "7",
    source: "/x",
    type: "test.a",
    time,
    datacontenttype: "application/json",
    team: "a",
    subject: "s",
    data: { a: [1, "\${ .b }"] },
  });
  const again = await place.run([
    ...["event", "publish", "--type", "test.b", "--id", "7", "--source", "/x"],
  ]);
  strictEqual(again.stdout, "7 was published before\n");
  deepStrictEqual(await types(place), ["test.a"]);
});

Deno.test("events come from files of every form, and from standard input", async () => {
  await using place = await createPlace();
  await place.write("one.json", '{ "type": "one" }');
  await place.write("list.json", '[{"type": "two"}, {"type": "three"}]');
  await place.write("lines.jsonl", '{"type": "four"}\n\n{"type": "five"}\n');
  await place.write("two.yaml", "type: six\n---\ntype: seven\ndata: [1]\n");
  for (const name of ["one.json", "list.json", "lines.jsonl", "two.yaml"]) {
    strictEqual((await place.run(["event", "publish", "-f", name])).code, 0);
  }
  const piped = await place.run(["event", "publish", "--file", "-"], {
    stdin: '{"type": "eight"}',
  });
  match(piped.stdout, /^evt-\S+ published\n$/);
  deepStrictEqual(
    await types(place),
    ["one", "two", "three", "four", "five", "six", "seven", "eight"],
  );
  await place.write("data.json", '{"from": "a file"}');
  const data = await place.json([
    ...["event", "publish", "--type", "nine", "--data", "@data.json"],
    ...["-o", "json"],
  ]);
  deepStrictEqual(pick(data, "cloudEvent.data"), { from: "a file" });
});

Deno.test("--data - reads standard input, and --filename is still taken", async () => {
  await using place = await createPlace();
  const piped = await place.run(
    ["event", "publish", "--type", "ten", "--data", "-", "-o", "json"],
    { stdin: '{"from": "a pipe"}' },
  );
  deepStrictEqual(pick(JSON.parse(piped.stdout), "cloudEvent.data"), {
    from: "a pipe",
  });
  await place.write("one.json", '{ "type": "one" }');
  const former = await place.run([
    "event",
    "publish",
    "--filename",
    "one.json",
  ]);
  strictEqual(former.code, 0, former.stderr);
  deepStrictEqual(await types(place), ["ten", "one"]);
  const slip = await place.run(["event", "publish", "--fil", "one.json"]);
  match(slip.stderr, /Did you mean "--file"\?/);
});

Deno.test("execution signal --data reads standard input and files, too", async () => {
  await using place = await createPlace();
  await place.write("hears.yaml", LISTENER);
  await place.write("data.json", '{"from": "a file"}');
  const id = (await place.run(["run", "hears.yaml", "-d"])).stdout.trim();
  const send = (data: string) =>
    place.run(["execution", "signal", id, "note", "--data", data], {
      stdin: '{"from": "a pipe"}',
    });
  for (const data of ["-", "@data.json"]) {
    const sent = await send(data);
    strictEqual(sent.code, 0, sent.stderr);
  }
  const logs = await place.run(["execution", "logs", id]);
  match(logs.stdout, /"a pipe"[^]*"a file"/);
});

Deno.test("what cannot be published is refused with the way out", async () => {
  await using place = await createPlace();
  await place.write("bad.yaml", "type: a\n---\ntype: b\ntime: soon\n");
  await place.write("untyped.json", '[{"type": "a"}, {"data": 1}]');
  await place.write("odd.json", '[{"type": "a"}, 5]');
  await place.write(
    "large.json",
    '{"type": "a", "data": 12345678901234567890}',
  );
  await place.write("broken.yaml", "type: [a\n");
  const cases: readonly [readonly string[], number, RegExp][] = [
    [[], 2, /needs a type\nHint: stigmer event publish --type/],
    [["-f", "bad.yaml", "--type", "x"], 2, /excludes those that describe/],
    [["-f", "bad.yaml"], 2, /^Error: Event 2 of 2: .*"time" must be a time/],
    [["-f", "bad.yaml"], 2, /None was published/],
    [["-f", "untyped.json"], 2, /^Error: Event 2 of 2: .*"type" is missing/],
    [["events.yaml"], 2, /Name files with -f: -f events.yaml/],
    [["-f", "odd.json"], 2, /event 2 is no object, but of type number/],
    [["-f", "large.json"], 2, /12345678901234567890: whole numbers beyond/],
    [["-f", "broken.yaml"], 2, /neither JSON nor YAML/],
    [["-f", "none.yaml"], 3, /no such file/],
    [["--type", "a", "--attribute", "Team=x"], 2, /"Team" is no name/],
    [["--type", "a", "--attribute", "team"], 2, /give it as KEY=VALUE/],
  ];
  for (const [words, code, text] of cases) {
    const ran = await place.run(["event", "publish", ...words]);
    strictEqual(ran.code, code, ran.stderr);
    match(ran.stderr, text);
  }
  // All of a file is checked before anything of it is published.
  deepStrictEqual(await types(place), []);
});

Deno.test("events are listed by type, source and time", async () => {
  await using place = await createPlace();
  for (const type of ["a", "b", "a"]) {
    await place.run([
      "event",
      "publish",
      "--type",
      type,
      "--source",
      `/${type}`,
    ]);
  }
  const count = async (...words: string[]) =>
    (await place.run(["event", "list", ...words, "-o", "name"])).stdout
      .split("\n").length - 1;
  strictEqual(await count(), 3);
  strictEqual(await count("--type", "a"), 2);
  strictEqual(await count("--source", "/b"), 1);
  strictEqual(await count("--since", "1h"), 3);
  strictEqual(await count("--since", "2999-01-01"), 0);
  strictEqual(await count("--limit", "1"), 1);
  const table = await place.run(["events", "ls"]);
  match(table.stdout, /^TYPE +SOURCE +SUBJECT +ID +AGE\na +\/a +evt-/);
});

Deno.test("an event from one process reaches a run in another", async () => {
  await using place = await createPlace();
  await place.write("hears.yaml", LISTENER);
  const run = place.start(["run", "hears.yaml"]);
  await run.said("Waiting for event test.go");
  const list = await place.run(["execution", "list", "--phase", "waiting"]);
  match(list.stdout, /hears +WAITING/);
  await place.run(["event", "publish", "--type", "test.go", "--data", "5"]);
  const { code, stdout } = await run.ended;
  strictEqual(code, 0);
  deepStrictEqual(JSON.parse(stdout), [5]);
});
