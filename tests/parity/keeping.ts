/**
 * Command lines about what is kept: environments with secrets, tokens, and
 * whole backends on their way out and in.
 *
 * @module
 */

import { type Course, forms, step } from "./comparing.ts";

/** Where the first key is made is said to its keeper, in other words. */
export const withoutKey = (text: string): string =>
  text.replace(
    /^(?:Made|The server made its) master key .*\n(?: +.*\n)+/m,
    "",
  );

/** Ciphertext is never twice the same, nor are the ids of keys. */
const unsealed = (text: string): string =>
  text.replaceAll(/stigmer-sealed:.*|\b[0-9a-f]{8,64}\b/g, "<sealed>");

/** The token that the calls come by has its own line, and an address. */
const unused = (text: string): string =>
  text.replace(/^parity .*$/gm, "parity")
    .replaceAll(/stg_\w+|(?<= )127\.0\.0\.1 +/g, "");

/** Sizes of files go by pages that were written and are free again. */
const sized = (text: string): string =>
  unsealed(text).replaceAll(/\d+(?:\.\d+)? (?:bytes|[KM]i?B)/g, "<size>");

const ENVIRONMENTS: Course = [
  step("env create first --secret KEY=-", {
    stdin: "a-s3cret\n",
    level: withoutKey,
  }),
  step(
    "env create prod --var REGION=eu --secret TOKEN=- --secret-file KEY=secret.txt",
    {
      stdin: "an0ther-s3cret\n",
    },
  ),
  step("env create prod", { code: 5 }),
  step("env create bad --var NOTHING", { code: 2 }),
  step("env create short --secret X=-", { stdin: "ab\n", code: 2 }),
  [
    ...forms("env list", ["json", "name"]),
    step("env list --label =", { code: 2 }),
    ...forms("env get prod", ["json", "yaml"]),
    step("env get prd", { code: 3, says: /prod/ }),
    step("env get prod --reveal TOKEN --yes", { says: /an0ther-s3cret/ }),
    step("env get prod --reveal NOTHING --yes", { code: 3 }),
    step("env get prod --sealed -o yaml", { level: unsealed }),
  ],
  step("env set prod REGION=us DEBUG=1"),
  step("env set prod --secret-ref LATER=env:CI -o json"),
  step("env set nobody A=1", { code: 3 }),
  step("env set prod", { code: 2 }),
  step("env unset prod DEBUG -o json"),
  step("env unset prod DEBUG", { code: 3 }),
  step("env rename prod preview"),
  step("env rename preview first", { code: 5 }),
  step("env rename nobody x", { code: 3 }),
  [
    ...forms("env versions preview"),
    step("env versions nobody", { code: 3 }),
  ],
  [
    ...forms("secrets audit", ["json"]),
    step("secrets audit --purpose nothing", { code: 2 }),
  ],
  step("secrets rekey preview"),
  step("secrets rekey first -o json"),
  step("secrets rekey nobody", { code: 3 }),
  step("env delete first --yes"),
  step("env delete first --yes", { code: 3 }),
];

const TOKENS: Course = [
  step("token create ci --role editor --expires 90d", {
    level: (text) => text.replace(/stg_\w+/, "<token>"),
  }),
  step("token create ci --role editor", { code: 5 }),
  step("token create x --role king", { code: 2 }),
  [
    ...forms("token list", ["name"], { level: unused }),
    step("token list --limit 0", { code: 2 }),
  ],
  step("token revoke ci --yes"),
  step("token revoke ci --yes", { code: 3 }),
  [
    ...forms("token audit --action token.revoke", ["name"], {
      level: unused,
    }),
    step("token audit --limit x", { code: 2 }),
  ],
];

const WHOLES: Course = [
  step("retention set executions=30d"),
  step("retention set --executions soon", { code: 2 }),
  [
    ...forms("retention get"),
    step("retention get x", { code: 2 }),
    step("export env"),
    step("export env preview -o one.yaml"),
    step("export nothing", { code: 2 }),
    step("export env nobody", { code: 3 }),
    step("export --all --secrets reencrypt", { code: 2 }),
  ],
  step("env delete preview --yes"),
  step("import -f one.yaml --dry-run"),
  step("import -f one.yaml"),
  step("import -f one.yaml -o json"),
  step("import -f nothing.yaml", { code: 3 }),
  step("import -f secret.txt", { code: 2 }),
  step("backup copy.db", { level: sized }),
  step("backup copy.db", { code: 5 }),
  step("gc --dry-run", { level: sized }),
  step("gc --executions soon", { code: 2 }),
  step("gc -o json", {
    level: (text) =>
      text.replaceAll(/("\w*[bB]ytes\w*": )"?\d+"?/g, "$1<size>"),
  }),
];

/** All of it in order. */
export const KEEPING: Course = [...ENVIRONMENTS, ...TOKENS, ...WHOLES];
