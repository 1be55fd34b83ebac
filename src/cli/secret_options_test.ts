import assert from "node:assert/strict";
import { toStigmerError } from "../backend/errors.ts";
import type { FakeHostOptions } from "../host/fake.ts";
import { fakeContext } from "./fake_context.ts";
import { readSecretOptions, type SecretValues } from "./secret_options.ts";

interface Read {
  readonly values?: Readonly<Record<string, string>>;
  readonly error?: string;
  readonly stderr: string;
  readonly asked: number;
}

async function read(
  options: Partial<SecretValues>,
  machine: FakeHostOptions = {},
): Promise<Read> {
  const context = await fakeContext("", machine);
  const all = { secret: [], secretFile: [], allowShort: false, ...options };
  const seen = () => ({
    stderr: context.host.terminal.text("stderr"),
    asked: context.host.terminal.hiddenLines(),
  });
  try {
    return { values: await readSecretOptions(context, all), ...seen() };
  } catch (thrown) {
    const { code, message, hints } = toStigmerError(thrown);
    return { error: [code, message, ...hints].join("\n"), ...seen() };
  }
}

Deno.test("readSecretOptions() asks for what has no value, without showing it", async () => {
  const got = await read({ secret: ["A", "B"] }, {
    columns: 80,
    stdin: "hunter2\nsecond one\n",
  });
  assert.deepEqual(got.values, { A: "hunter2", B: "second one" });
  assert.equal(got.asked, 2);
  assert.match(got.stderr, /Secret "A" \(not shown\)/);
  assert.doesNotMatch(got.stderr, /hunter2|second/);
});

Deno.test("readSecretOptions() asks again for what cannot be one", async () => {
  const got = await read({ secret: ["A"] }, {
    columns: 80,
    stdin: "abc\n\nhunter2\n",
  });
  assert.deepEqual(got.values, { A: "hunter2" });
  assert.equal(got.asked, 3);
  assert.doesNotMatch(got.stderr, /abc/);
  const given = await read({ secret: ["A"], allowShort: true }, {
    columns: 80,
    stdin: "abc\n",
  });
  assert.deepEqual(given.values, { A: "abc" });
});

Deno.test("readSecretOptions() does nothing when a person gives nothing", async () => {
  const got = await read({ secret: ["A"] }, { columns: 80 });
  assert.equal(
    got.error,
    'CANCELLED\nSecret "A" was not given, nothing was done',
  );
});

Deno.test("readSecretOptions() reads standard input and files", async () => {
  const files = { "/pem": "line 1\nline 2\n\n", "/crlf": "abcd\r\n" };
  const got = await read({
    secret: ["A=-"],
    secretFile: ["B=/pem", "C=/crlf"],
  }, { stdin: "piped value \n", files });
  assert.deepEqual(got.values, {
    A: "piped value ",
    B: "line 1\nline 2\n",
    C: "abcd",
  });
  assert.equal(got.stderr, "");
});

Deno.test("readSecretOptions() warns of a value that others can see", async () => {
  const got = await read({ secret: ["A=hunter2", "B=a=b=c", "C=***"] });
  assert.deepEqual(got.values, { A: "hunter2", B: "a=b=c", C: "***" });
  assert.match(got.stderr, /^Warning: The value of "A", "B" can be seen/);
  assert.doesNotMatch(got.stderr, /hunter2|a=b/);
});

Deno.test("readSecretOptions() refuses what it cannot mean, and shows no value", async () => {
  const cases: readonly (readonly [Partial<SecretValues>, RegExp])[] = [
    [{ secret: ["=hunter2"] }, /begins with no name/],
    [{ secret: ["hunter2 is it"] }, /begins with no name/],
    [{ secret: ["a-b=hunter2"] }, /begins with no name/],
    [{ secret: ["A=hunter2", "A=hunter2"] }, /"A" is given twice/],
    [{ secret: ["A=hunter2"], secretFile: ["A=/x"] }, /"A" is given twice/],
    [{ secret: ["A=-", "B=-"] }, /"A" and "B" from standard input/],
    [{ secret: ["A=-"], secretFile: ["B=-"] }, /from standard input/],
    [{ secretFile: ["A"] }, /names no file for "A"/],
    [{ secretFile: ["A=/none"] }, /Cannot read secret "A" from "\/none"/],
    [{ secretFile: ["A=/bytes"] }, /no UTF-8 text/],
    [{ secretFile: ["A=/long"] }, /is over 65536 bytes/],
    [{ secret: ["A"] }, /Cannot ask for secret "A"[^]*--secret A=-/],
  ];
  const files = { "/bytes": "ab\ufffdcd", "/long": "x".repeat(66_000) };
  for (const [options, expected] of cases) {
    const got = await read(options, { files, stdin: "x" });
    assert.match(got.error ?? "", expected, JSON.stringify(options));
    assert.doesNotMatch(got.error ?? "", /hunter2/);
  }
});

Deno.test("readSecretOptions() asks for what would be typed at a terminal", async () => {
  const got = await read({ secret: ["A=-"], secretFile: ["B=-"] }, {
    columns: 80,
    stdin: "hunter2\nsecond one\n",
  });
  assert.deepEqual(got.values, { A: "hunter2", B: "second one" });
  assert.equal(got.asked, 2);
});
