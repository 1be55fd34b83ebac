import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { StigmerError } from "../../model/error.ts";
import { fakeContext } from "../fake_context.ts";
import type { Settings } from "../settings.ts";
import { allChoices, choiceNamed, chooseBackend } from "./choice.ts";

const PATH = "/home/user/.stigmer/config.yaml";
const TWO = `backend:
  type: cloud
  context: prod
  cloud:
    endpoint: https://one.example.com
    token: stg_of_one
contexts:
  prod:
    endpoint: prod.example.com:443
    ca_file: /ca.pem
  lab-2:
    endpoint: http://10.0.0.1:7234
    insecure: true
`;

async function settle(
  line: string,
  given: {
    readonly config?: string;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<Settings> {
  const { config, env = {} } = given;
  const { settings } = await fakeContext(line, {
    env,
    ...(config === undefined ? {} : { files: { [PATH]: config } }),
  });
  return settings;
}

Deno.test("chooseBackend() takes flags before variables before the configuration", async () => {
  const cases: readonly (readonly [
    line: string,
    config: string,
    env: Readonly<Record<string, string>>,
    expected: string,
  ])[] = [
    ["", "", {}, "local by default"],
    ["", "backend: {type: local}\n", {}, `local by backend.type in "${PATH}"`],
    [
      "",
      TWO,
      {},
      `prod https://prod.example.com by backend.context in "${PATH}"`,
    ],
    [
      "",
      "cloud:\n  endpoint: a.example.com\nbackend:\n  type: cloud\n",
      {},
      `cloud https://a.example.com by backend.type in "${PATH}"`,
    ],
    ["--backend local", TWO, {}, "local by the flag --backend"],
    [
      "--backend cloud",
      TWO,
      {},
      "cloud https://one.example.com by the flag --backend",
    ],
    [
      "--backend lab-2",
      TWO,
      { STIGMER_BACKEND: "local", STIGMER_ENDPOINT: "x" },
      "lab-2 http://10.0.0.1:7234 by the flag --backend",
    ],
    [
      "",
      TWO,
      { STIGMER_BACKEND: "local" },
      "local by the variable STIGMER_BACKEND",
    ],
    [
      "",
      "",
      { STIGMER_ENDPOINT: "127.0.0.1:7234" },
      " http://127.0.0.1:7234 by the variable STIGMER_ENDPOINT",
    ],
    [
      "",
      "backend:\n  type: local\n",
      { STIGMER_ENDPOINT: "unix:/run/s.sock" },
      " unix:/run/s.sock by the variable STIGMER_ENDPOINT",
    ],
    [
      "--endpoint https://two.example.com/",
      TWO,
      { STIGMER_BACKEND: "local" },
      " https://two.example.com by the flag --endpoint",
    ],
    // Of a server that is known, its name and trust count here, too.
    [
      "--endpoint https://prod.example.com",
      TWO,
      {},
      "prod https://prod.example.com by the flag --endpoint",
    ],
    [
      "--backend cloud",
      "contexts:\n  only:\n    endpoint: o.example.com\n",
      {},
      "only https://o.example.com by the flag --backend",
    ],
    [
      "",
      TWO,
      { STIGMER_BACKEND: "cloud", STIGMER_ENDPOINT: "e.example.com" },
      " https://e.example.com by the variable STIGMER_ENDPOINT",
    ],
  ];
  for (const [line, config, env, expected] of cases) {
    const choice = chooseBackend(await settle(line, { config, env }));
    const where = choice.kind === "cloud" ? ` ${choice.endpoint}` : "";
    strictEqual(`${choice.name}${where} by ${choice.by.words}`, expected, line);
  }
});

Deno.test("chooseBackend() says what a name or its absence means", async () => {
  const cases: readonly (readonly [
    line: string,
    config: string,
    env: Readonly<Record<string, string>>,
    message: RegExp,
    hint: RegExp,
  ])[] = [
    [
      "--backend local --endpoint a.example.com",
      "",
      {},
      /both "--backend" \("local"\) and "--endpoint"/,
      /^$/,
    ],
    [
      "",
      TWO,
      { STIGMER_BACKEND: "prdo" },
      /"prdo", which the variable STIGMER_BACKEND names/,
      /Did you mean "prod"\?/,
    ],
    [
      "--backend cloud",
      "",
      {},
      /no server is configured under that name/,
      /stigmer login --endpoint URL/,
    ],
    [
      "--backend cloud",
      "contexts: {a: {endpoint: a.io}, b: {endpoint: b.io}}\n",
      {},
      /no server is configured under that name/,
      /^Choose one of a, b: stigmer backend switch NAME$/,
    ],
    [
      "",
      "backend:\n  context: gone\n",
      {},
      /"gone", which backend.context in ".*" names/,
      /stigmer login --name gone/,
    ],
    [
      "--backend a",
      "contexts: {a: {endpoint: 'ftp://a.io'}}\n",
      {},
      /"ftp:\/\/a.io": .*, as "contexts.a.endpoint" in ".*config.yaml" has it$/,
      /Write "https:/,
    ],
    [
      "--endpoint https://me:stg_secret@a.example.com",
      "",
      {},
      /a token does not belong in it/,
      /Write "https:/,
    ],
  ];
  for (const [line, config, env, message, hint] of cases) {
    const settings = await settle(line, { config, env });
    throws(() => chooseBackend(settings), (error) => {
      if (!(error instanceof StigmerError)) return false;
      strictEqual(
        error.code,
        / names$/.test(error.message) ? "NOT_FOUND" : "INVALID_ARGUMENT",
      );
      strictEqual(message.test(error.message), true, error.message);
      strictEqual(error.message.includes("stg_secret"), false);
      return hint.test(error.hints.join("\n"));
    });
  }
});

Deno.test("a server comes with its certificates, and its token with no other", async () => {
  const settings = await settle("", { config: TWO });
  const known = allChoices(settings).map((it) =>
    it.kind === "local"
      ? [it.name]
      : [it.name, it.caFile, it.insecure, it.token]
  );
  deepStrictEqual(known, [
    ["local"],
    ["cloud", undefined, false, "stg_of_one"],
    ["prod", "/ca.pem", false, undefined],
    ["lab-2", undefined, true, undefined],
  ]);
  const elsewhere = chooseBackend(
    await settle("--endpoint https://evil.example.com", { config: TWO }),
  );
  strictEqual(elsewhere.kind === "cloud" && elsewhere.token, undefined);
  const trusting = choiceNamed(
    await settle("--ca-file /other.pem", { config: TWO }),
    "prod",
  );
  strictEqual(trusting.kind === "cloud" && trusting.caFile, "/other.pem");
});

Deno.test("a backend on the flag is checked before a command begins", async () => {
  const error = await settle("--backend pord", { config: TWO })
    .then(() => undefined, (thrown) => thrown);
  strictEqual(
    error?.message,
    'Option "--backend" cannot be "pord", choose one of local, cloud, prod, lab-2',
  );
  deepStrictEqual([error.code, error.hints[0]], [
    "NOT_FOUND",
    'Did you mean "prod"?',
  ]);
});
