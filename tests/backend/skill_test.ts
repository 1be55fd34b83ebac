import assert from "node:assert/strict";
import type { BackendClient } from "../../src/backend/open.ts";
import { fails, suite } from "./suite.ts";

const encode = (text: string) => new TextEncoder().encode(text);

const FILES = [
  { path: "scripts/größe.sh", content: new Uint8Array([0, 255, 10]) },
  { path: "SKILL.md", content: encode("---\nname: review\n---\n") },
];

function push(
  client: BackendClient,
  files: { path: string; content: Uint8Array<ArrayBuffer> }[] = FILES,
  given: { name?: string; description?: string; message?: string } = {},
) {
  const { name = "Review", description = "When reviewing", message = "" } =
    given;
  return client.pushSkill({
    metadata: { name, labels: { team: "x" } },
    spec: { description, tag: "latest" },
    files,
    message,
  });
}

suite("PushSkill keeps files and names their content", async (client) => {
  const { skill, unchanged } = await push(client);
  assert.equal(unchanged, false);
  assert.equal(skill?.kind, "Skill");
  assert.equal(skill?.status?.fileCount, 2);
  assert.equal(skill?.status?.sizeBytes, 24);
  assert.match(skill?.status?.contentHash ?? "", /^[0-9a-f]{64}$/);
  for (const name of ["review", "Review", skill?.metadata?.id ?? ""]) {
    const got = await client.getSkill({ name });
    assert.deepEqual(got.skill, skill);
    assert.deepEqual(
      got.files.map((it) => [it.path, it.content]),
      [FILES[1], FILES[0]].map((it) => [it?.path, it?.content]),
    );
  }
  const { skills } = await client.listSkills({
    labels: { match: { team: "x" } },
  });
  assert.deepEqual(skills, [skill]);
});

suite("PushSkill of the same content changes nothing", async (client) => {
  const first = await push(client);
  const again = await push(client, FILES.toReversed());
  assert.equal(again.unchanged, true);
  assert.deepEqual(again.skill, first.skill);
});

suite("PushSkill of other content is a new version", async (client) => {
  const first = await push(client);
  const files = [{ path: "SKILL.md", content: encode("new") }];
  const { skill, unchanged } = await push(client, files, {
    message: "shorter",
  });
  assert.equal(unchanged, false);
  assert.equal(skill?.metadata?.id, first.skill?.metadata?.id);
  assert.equal(skill?.metadata?.version?.number, 2);
  assert.equal(skill?.metadata?.version?.message, "shorter");
  assert.notEqual(skill?.status?.contentHash, first.skill?.status?.contentHash);
  assert.equal((await client.getSkill({ name: "review" })).files.length, 1);
  const { versions } = await client.listResourceVersions({
    kind: "Skill",
    name: "review",
  });
  assert.equal(versions.length, 2);
});

suite(
  "PushSkill tells one file from two with the same bytes",
  async (client) => {
    const one = [{ path: "SKILL.md", content: encode("ab") }];
    const two = [
      { path: "SKILL.md", content: encode("a") },
      { path: "b", content: encode("b") },
    ];
    const first = (await push(client, one)).skill?.status?.contentHash;
    const second = (await push(client, two)).skill?.status?.contentHash;
    assert.notEqual(first, second);
  },
);

suite("PushSkill refuses what is no skill, with places", async (client) => {
  const main = { path: "SKILL.md", content: encode("x") };
  const withPath = (path: string) => [main, { path, content: encode("x") }];
  const big = new Uint8Array(1024 * 1024 + 1);
  const cases: readonly (readonly [Parameters<typeof push>[1], string])[] = [
    [[], "/files"],
    [withPath("SKILL.md"), "/files"],
    [withPath("../x"), "/files/1"],
    [withPath("a/../x"), "/files/1"],
    [withPath("/etc/x"), "/files/1"],
    [withPath("a//x"), "/files/1"],
    [withPath("C:x"), "/files/1"],
    [withPath("a\\x"), "/files/1"],
    [withPath("a\nx"), "/files/1"],
    [withPath(""), "/files/1"],
    [[main, { path: "big", content: big }], "/files/1"],
    [
      [
        main,
        ...Array.from({ length: 1000 }, (_, i) => ({
          path: `f${i}`,
          content: encode("x"),
        })),
      ],
      "/files",
    ],
    [
      [
        main,
        ...Array.from({ length: 16 }, (_, i) => ({
          path: `f${i}`,
          content: big.subarray(1),
        })),
      ],
      "/files",
    ],
  ];
  for (const [files, pointer] of cases) {
    const error = await fails(push(client, files), "INVALID_ARGUMENT");
    assert.equal(error.diagnostics[0]?.pointer, pointer, error.message);
  }
  const bad: readonly (readonly [Parameters<typeof push>[2], string])[] = [
    [{ description: "" }, "/spec/description"],
    [{ description: "x".repeat(1025) }, "/spec/description"],
    [{ name: "" }, "/metadata/name"],
    [{ name: "☃" }, "/metadata/name"],
    [{ name: "skl-01h00000000000000000000000" }, "/metadata/name"],
  ];
  for (const [given, pointer] of bad) {
    const error = await fails(push(client, FILES, given), "INVALID_ARGUMENT");
    assert.equal(error.diagnostics[0]?.pointer, pointer, error.message);
  }
  assert.equal((await client.listSkills({})).skills.length, 0);
});

suite("DeleteSkill gives back what it deleted", async (client) => {
  const { skill } = await push(client);
  assert.deepEqual((await client.deleteSkill({ name: "review" })).skill, skill);
  await fails(client.getSkill({ name: "review" }), "NOT_FOUND");
  await fails(client.deleteSkill({ name: "review" }), "NOT_FOUND");
});
