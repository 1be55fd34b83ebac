import assert from "node:assert/strict";
import { toStigmerError } from "../../backend/errors.ts";
import type { FakeHostOptions } from "../../host/fake.ts";
import type { OptionValues } from "../command.ts";
import { fakeContext } from "../fake_context.ts";
import { type Filling, readFilling } from "./filling.ts";
import type { FillOptions } from "./options.ts";

interface Filled {
  readonly filling?: Filling;
  readonly error: string;
  readonly stderr: string;
}

async function fill(
  given: Partial<OptionValues<FillOptions>>,
  machine: FakeHostOptions = {},
): Promise<Filled> {
  const context = await fakeContext("", machine);
  const options: OptionValues<FillOptions> = {
    var: [],
    secret: [],
    secretFile: [],
    secretRef: [],
    secretsBy: [],
    fromEnvFile: undefined,
    allowShort: false,
    ...given,
  };
  const stderr = (): string => context.host.terminal.text("stderr");
  try {
    const filling = await readFilling(context, options);
    return { filling, error: "", stderr: stderr() };
  } catch (thrown) {
    return { error: toStigmerError(thrown).message, stderr: stderr() };
  }
}

const FILE = "REGION=eu\nDB_PASSWORD=hunter2\nA.KEY=x\n";
const GOOD = "REGION=eu\nDB_PASSWORD=hunter2\nAPI_KEY=kkkk\nAPI_KEYS=llll\n";

Deno.test("readFilling() divides a .env file by patterns", async () => {
  const files = { "/.env": GOOD };
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [["*"], ["REGION", "DB_PASSWORD", "API_KEY", "API_KEYS"]],
    [["*_PASSWORD", "API_KEY"], ["DB_PASSWORD", "API_KEY"]],
    [["API_KEY?"], ["API_KEYS"]],
    [["?????_*"], []],
    [[], []],
  ];
  for (const [secretsBy, names] of cases) {
    const got = await fill({ fromEnvFile: "/.env", secretsBy }, { files });
    if (got.error !== "") {
      assert.match(got.error, /matches "\?{5}_\*"/);
      continue;
    }
    const secrets = Object.keys(got.filling?.secrets ?? {});
    assert.deepEqual(secrets, names);
    const variables = Object.keys(got.filling?.variables ?? {});
    assert.equal(variables.length + names.length, 4);
  }
});

Deno.test("readFilling() warns of names that tell a secret", async () => {
  const files = { "/.env": GOOD };
  const got = await fill({ fromEnvFile: "/.env" }, { files });
  assert.match(got.stderr, /"DB_PASSWORD", "API_KEY", "API_KEYS" will be kept/);
  assert.match(got.stderr, /--secrets-by DB_PASSWORD --secrets-by API_KEY /);
  assert.doesNotMatch(got.stderr, /hunter2|REGION/);
  const all = await fill(
    { fromEnvFile: "/.env", secretsBy: ["*_*"] },
    { files },
  );
  assert.equal(all.stderr, "");
});

Deno.test("readFilling() takes what is named over what a file has", async () => {
  const got = await fill({
    fromEnvFile: "/.env",
    secretsBy: ["*_*"],
    var: ["API_KEY=open"],
    secret: ["REGION=secret-eu"],
    secretRef: ["DB_PASSWORD=env:PW"],
  }, { files: { "/.env": GOOD } });
  assert.deepEqual(got.filling?.variables, { API_KEY: "open" });
  assert.deepEqual(got.filling?.secrets, {
    REGION: "secret-eu",
    API_KEYS: "llll",
  });
  assert.deepEqual(got.filling?.secretRefs["DB_PASSWORD"]?.source, {
    case: "env",
    value: "PW",
  });
});

Deno.test("readFilling() makes whole paths of references to files", async () => {
  const got = await fill({
    secretRef: [
      "A=file:./x",
      "B=file:/y",
      "C=file:~/z",
      "D=keychain:a/b",
      "E=file:q/r",
    ],
  });
  const places = Object.values(got.filling?.secretRefs ?? {})
    .map(({ source }) => source.value);
  assert.deepEqual(places, [
    "/home/user/x",
    "/y",
    "~/z",
    "a/b",
    "/home/user/q/r",
  ]);
});

Deno.test("readFilling() refuses what it cannot mean", async () => {
  const files = { "/.env": FILE };
  const cases: readonly (readonly [
    Partial<OptionValues<FillOptions>>,
    RegExp,
  ])[] = [
    [{ secretRef: ["A=TOKEN"] }, /does not say where "A" is/],
    [{ secretRef: ["A=env:"] }, /does not say where "A" is/],
    [{ var: ["A=1"], secretRef: ["A=env:X"] }, /"A" is given twice/],
    [{ var: ["A=1"], secretFile: ["A=/x"] }, /"A" is given twice/],
    [{ secretsBy: ["*"] }, /give that with --from-env-file/],
    [{ fromEnvFile: "/none" }, /no such file/],
    [{ fromEnvFile: "/.env" }, /line 3: .* no name for a variable/],
  ];
  for (const [options, expected] of cases) {
    const got = await fill(options, { files });
    assert.match(got.error, expected, JSON.stringify(options));
    assert.doesNotMatch(got.error, /hunter2/);
  }
});
