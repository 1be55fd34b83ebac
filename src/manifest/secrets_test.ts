import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { printResource } from "./print.ts";
import {
  type ManifestSet,
  readManifests,
  type ReadManifestsOptions,
} from "./read.ts";
import { renderDiagnostic } from "./render.ts";

function read(
  text: string,
  options: ReadManifestsOptions = {},
): Promise<ManifestSet> {
  return readManifests([{ name: "env.yaml", text }], options);
}

function environment(spec: string): string {
  return "apiVersion: agentic.stigmer.ai/v1\nkind: Environment\n" +
    `metadata: {name: prod}\nspec:\n${spec}`;
}

/** Everything that is said of a file, as people see it. */
async function told(
  text: string,
  options: ReadManifestsOptions = {},
): Promise<string> {
  const { diagnostics } = await read(text, options);
  return diagnostics.map((it) => renderDiagnostic(it)).join("\n");
}

Deno.test("readManifests() takes references, and secrets that are kept or sealed", async () => {
  const set = await read(environment(
    '  secrets: {A: "***", B: "stigmer-sealed:v1:xyz"}\n' +
      "  secretRefs:\n" +
      "    C: {env: TOKEN}\n    D: {file: ~/token}\n" +
      "    E: {keychain: service/account}\n",
  ));
  deepEqual(set.diagnostics, []);
  const [document] = set.documents;
  equal(document?.kind, "Environment");
  const printed = document && printResource(document.resource, "yaml");
  deepEqual((await read(printed ?? "")).diagnostics, []);
  match(printed ?? "", /B: stigmer-sealed:v1:xyz/);
  match(printed ?? "", /keychain: service\/account/);
});

Deno.test("readManifests() refuses a plain secret at its place, and masks it there", async () => {
  const text = environment(
    '  variables: {A: seen}\n  secrets: {TOKEN: "hunter2 is it", B: "***"}\n',
  );
  equal(
    await told(text),
    'env.yaml:6:20: error: Secret "TOKEN" stands here in plain text\n' +
      ' 6 |   secrets: {TOKEN: ***, B: "***"}\n' +
      "   |                    ^^^\n" +
      'hint: Write "***" for it and give the value with stigmer env set NAME ' +
      "--secret KEY, or say where it is in secretRefs, or take it as it is " +
      "with --allow-plain",
  );
  const allowed = await read(text, { allowPlain: true });
  deepEqual(allowed.diagnostics, []);
  const resource = allowed.documents[0]?.resource.resource;
  equal(
    resource?.case === "environment" && resource.value.spec?.secrets.TOKEN,
    "hunter2 is it",
  );
});

Deno.test("printResource() never prints a plain secret", async () => {
  const { documents } = await read(
    environment("  secrets: {TOKEN: hunter2}\n"),
    { allowPlain: true },
  );
  const [document] = documents;
  for (const format of ["yaml", "json"] as const) {
    const printed = document && printResource(document.resource, format);
    match(printed ?? "", /TOKEN"?: "\*\*\*"/);
    doesNotMatch(printed ?? "", /hunter2/);
  }
});

Deno.test("readManifests() takes the secrets of older files", async () => {
  const text = environment(
    "  data: {A: {value: hunter2, is_secret: true}, B: {value: 5}}\n",
  );
  const { diagnostics, documents } = await read(text, { allowPlain: true });
  deepEqual(diagnostics, []);
  const resource = documents[0]?.resource.resource;
  const spec = resource?.case === "environment"
    ? resource.value.spec
    : undefined;
  deepEqual(spec?.variables, { B: "5" });
  deepEqual(spec?.secrets, { A: "hunter2" });
  doesNotMatch(await told(text), /hunter2/);
});

Deno.test("whatever is wrong with a manifest, its secrets are not shown", async () => {
  const texts: readonly string[] = [
    environment("  secrets: hunter2\n"),
    environment("  secrets: [hunter2, hunter2]\n"),
    environment("  secrets: {A: {value: hunter2}}\n"),
    environment("  secrets: {A: hunter2, A: hunter2}\n"),
    environment("  secrets: {A-B: hunter2}\n"),
    environment("  secrets: {A: hunter2, B: }\n  nope: 1\n"),
    environment("  secrts: {A: hunter2}\n"),
    environment("  secret: hunter2\n"),
    environment("  Secrets: {A: hunter2}\n"),
    environment("  secrets: {A: hunter2} \n  secretRefs: {A: hunter2}\n"),
    environment("  secretRefs: {A: {value: hunter2}}\n"),
    environment("  secretRefs: [hunter2]\n"),
    environment("  variables: {A: x}\n  secrets: {A: hunter2}\n"),
    environment("  secrets:\n    A: |\n      hunter2\n      more hunter2\n"),
    environment('  secrets:\n    A: "hunter2\n'),
    environment("  secrets:\n    A: @hunter2\n"),
    environment("  secrets:\n    A: hunter2: x\n"),
    environment("  secrets:\n    A: 'it''s hunter2\n  B\n"),
    environment("  secrets: {A: hunter2\n"),
    environment("  secrets:\n  A: x\n    hunter2\n"),
    environment("  secrets: {A: &x hunter2}\n  nope: *x\n  variables: [*x]\n"),
    environment("  data: {A: {value: hunter2, secret: true, no: 1}}\n"),
    environment("  data: {A: {value: {x: hunter2}, is_secret: true}}\n"),
    environment("  data: {A: {value: hunter2, value: hunter3, secret: yes}}\n"),
    environment("  secrets: {A: !tag hunter2}\n"),
    environment("  secrets: {A: &hunter2}\n"),
    environment("  secrets: {A: *hunter2}\n"),
    environment("  secrets: {A:hunter2}\n"),
    environment("  secrets: {hunter2}\n"),
    environment("  secrets:\n    A:hunter2\n    B: x\n"),
    environment("  secrets:\n    A: #hunter2\n"),
    environment("  secrets:\n    A: @hunter2\n"),
    environment("  secrets:\n    A: %hunter2\n"),
    environment("  secrets:\n    B: text\n  A: hunter2\n"),
    environment("  secrets:\n    B: text\nA: hunter2\n"),
    environment("  secrets: {A: hun\x00ter2, B: hunter2}\n"),
    environment("  secrets: {A: hunter2}\n").replace(
      "Environment",
      "Envirnment",
    ),
    environment("  secrets: {A: hunter2}\n").replace("kind:", "knd:"),
    environment("  secrets: {A: hunter2}\n").replace("spec:", "specc:"),
    environment("").replace("spec:", "secrets: {A: hunter2}"),
    '{"apiVersion": "x", "spec": {"secrets": {"A": "hunter2"',
    "- " + environment("  secrets: {A: hunter2}\n").replaceAll("\n", "\n  "),
    "kind: List\nitems:\n- kind: Environment\n  spec: {secrets: {A: hunter2}}\n",
    "apiVersion: agentic.stigmer.ai/v1\nkind: Agent\nmetadata: {name: a}\n" +
    "spec: {instructions: Answer it shortly, env: {A: {secret: true, default: hunter2}}}\n",
  ];
  for (const text of texts) {
    const shown = await told(text);
    match(shown, /error: /, text);
    doesNotMatch(shown, /hunter|unter2/, `${text}\n${shown}`);
  }
});

Deno.test("what a backend says of a manifest shows no secret either", async () => {
  const { documents } = await read(
    environment("  secrets: {A: hunter2, B: four}\n"),
    { allowPlain: true },
  );
  const located = documents[0]?.locate({
    severity: "error",
    pointer: "/spec/secrets/A",
    message: 'Something is wrong with "hunter2"',
    hint: "Not hunter2",
  });
  const shown = located === undefined ? "" : renderDiagnostic(located);
  match(shown, /env\.yaml:5:16: error: Something is wrong with "\*\*\*"/);
  doesNotMatch(shown, /hunter2|four/);
});

Deno.test("the place of a problem beside a secret stays right", async () => {
  const shown = await told(
    environment(
      '  secrets: {A: "***", B: stigmer-sealed:v1:abcdef, 1C: "***"}\n',
    ),
  );
  equal(
    shown.split("\n").slice(0, 3).join("\n"),
    'env.yaml:5:52: error: "1C" is no name for a variable\n' +
      ' 5 |   secrets: {A: "***", B: ***, 1C: "***"}\n' +
      "   |                               ^^",
  );
});

Deno.test("a broken manifest of another kind shows its lines", async () => {
  const shown = await told(
    "apiVersion: agentic.stigmer.ai/v1\nkind: Workflow\nmetadata: {name: w}\n" +
      "spec:\n  use: {secrets: [TOKEN]}\n  do: [ {\n",
  );
  match(shown, /do: \[ \{/);
});

Deno.test("an empty secret is told once, and a missing value how it is kept", async () => {
  const text = [
    "apiVersion: agentic.stigmer.ai/v1",
    "kind: Environment",
    "metadata: { name: prod }",
    'spec: { secrets: { E: , F: "" } }',
  ].join("\n");
  const { diagnostics } = await readManifests([{ name: "a.yaml", text }]);
  deepEqual(diagnostics.map((it) => [it.message, it.hint]), [
    [
      "Expected text for spec.secrets.E, got nothing",
      'Write "***" to keep the value that it has, or leave it out',
    ],
    ['Secret "F" is empty', "Give it a value, or leave it out"],
  ]);
});

Deno.test("what proves a client of OAuth is not shown, its name is", async () => {
  const of = (secret: string): Promise<string> =>
    told(
      "apiVersion: agentic.stigmer.ai/v1\nkind: McpServer\n" +
        "metadata: {name: m}\nspec:\n  http:\n    url: https://m.example/\n" +
        `    oauth: {clientId: c, clientSecret: ${secret}, grant: g}\n`,
    );
  doesNotMatch(await of("hunter2-hunter2"), /hunter2/);
  match(await of('"${SECRET}"'), /clientSecret: "\$\{SECRET\}"/);
});
