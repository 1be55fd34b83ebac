import assert from "node:assert/strict";
import type { BackendClient } from "../../src/backend/open.ts";
import { standardDriver } from "../../src/store/drivers.ts";
import { fails, INSTRUCTIONS, suite } from "./suite.ts";

const encode = (text: string) => new TextEncoder().encode(text);

type File = { path: string; content: Uint8Array<ArrayBuffer> };

/** A SKILL.md. */
function main(body = "", head: Readonly<Record<string, string>> = {}): File {
  const keys = { name: "review", description: "When reviewing", ...head };
  const lines = Object.entries(keys).map(([key, it]) => `${key}: ${it}\n`);
  const text = `---\n${lines.join("")}---\n${body}`;
  return { path: "SKILL.md", content: encode(text) };
}

const FILES = [
  { path: "scripts/größe.sh", content: new Uint8Array([0, 255, 10]) },
  main(),
];

function push(
  client: BackendClient,
  files: File[] = FILES,
  given: {
    readonly metadata?: { name: string };
    readonly spec?: {
      description?: string;
      allowedTools?: string[];
      tag?: string;
    };
    readonly message?: string;
    readonly tags?: string[];
  } = {},
) {
  return client.pushSkill({
    ...given,
    metadata: { labels: { team: "x" }, ...given.metadata },
    files,
  });
}

/** Applies an agent that names skills; gives what is wrong with it. */
async function applyAgent(
  client: BackendClient,
  name: string,
  skills: string[],
) {
  const spec = { instructions: INSTRUCTIONS, skills };
  const { results } = await client.applyResources({
    resources: [{
      resource: { case: "agent", value: { metadata: { name }, spec } },
    }],
  });
  return results[0]?.diagnostics.map((it) => `${it.pointer}: ${it.message}`);
}

suite("PushSkill keeps files and names their content", async (client) => {
  const { skill, unchanged } = await push(client);
  assert.equal(unchanged, false);
  assert.equal(skill?.kind, "Skill");
  assert.equal(skill?.metadata?.name, "review");
  assert.equal(skill?.status?.fileCount, 2);
  assert.equal(skill?.status?.sizeBytes, 52);
  assert.match(skill?.status?.contentHash ?? "", /^[0-9a-f]{64}$/);
  for (const name of ["review", "review@latest", skill?.metadata?.id ?? ""]) {
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

suite("PushSkill reads what SKILL.md says", async (client) => {
  const { skill } = await push(client, [main("# Body", {
    license: "MIT",
    compatibility: "Needs jq",
    metadata: '{ author: me, version: "1.0" }',
    "allowed-tools": "Read Bash(jq:*)",
  })]);
  assert.equal(skill?.spec?.description, "When reviewing");
  assert.equal(skill?.spec?.license, "MIT");
  assert.equal(skill?.spec?.compatibility, "Needs jq");
  assert.deepEqual(skill?.spec?.metadata, { author: "me", version: "1.0" });
  assert.deepEqual(skill?.spec?.allowedTools, ["Read", "Bash(jq:*)"]);
});

suite("PushSkill of the same content changes nothing", async (client) => {
  const first = await push(client);
  const again = await push(client, FILES.toReversed());
  assert.equal(again.unchanged, true);
  assert.deepEqual(again.skill, first.skill);
});

suite("PushSkill of other content is a new version", async (client) => {
  const first = await push(client);
  const { skill, unchanged } = await push(client, [main("new")], {
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
    const one = [main("ab")];
    const two = [main("a"), { path: "b", content: encode("b") }];
    const first = (await push(client, one)).skill?.status?.contentHash;
    const second = (await push(client, two)).skill?.status?.contentHash;
    assert.notEqual(first, second);
  },
);

suite("PushSkill refuses what is no skill, with places", async (client) => {
  const withPath = (path: string) => [main(), { path, content: encode("x") }];
  const big = new Uint8Array(1024 * 1024 + 1);
  const cases: readonly (readonly [File[], string])[] = [
    [[], "/files"],
    [withPath("SKILL.md"), "/files"],
    [withPath("skill.md"), "/files"],
    [withPath("SKILL.md/x"), "/files"],
    [withPath("../x"), "/files/1"],
    [withPath("a/../x"), "/files/1"],
    [withPath("/etc/x"), "/files/1"],
    [withPath("a//x"), "/files/1"],
    [withPath("C:x"), "/files/1"],
    [withPath("a\\x"), "/files/1"],
    [withPath("a\nx"), "/files/1"],
    [withPath("aux.txt"), "/files/1"],
    [withPath(""), "/files/1"],
    [[main(), { path: "big", content: big }], "/files/1"],
    [
      [
        main(),
        ...Array.from({ length: 1000 }, (_, i) => ({
          path: `f${i}`,
          content: encode("x"),
        })),
      ],
      "/files",
    ],
    [
      [
        main(),
        ...Array.from({ length: 16 }, (_, i) => ({
          path: `f${i}`,
          content: big.subarray(1),
        })),
      ],
      "/files",
    ],
    [[{ path: "SKILL.md", content: encode("# No front matter") }], "/files/0"],
    [[main("", { name: "Review" })], "/files/0"],
    [[main("", { description: "" })], "/files/0"],
    [[main("", { description: "x".repeat(1025) })], "/files/0"],
    [[main("", { name: "skl-01h00000000000000000000000" })], "/files/0"],
  ];
  for (const [files, pointer] of cases) {
    const error = await fails(push(client, files), "INVALID_ARGUMENT");
    assert.equal(error.diagnostics[0]?.pointer, pointer, error.message);
  }
  const bad: readonly (readonly [Parameters<typeof push>[2], string])[] = [
    [{ spec: { description: "another" } }, "/spec/description"],
    [{ spec: { allowedTools: ["Read"] } }, "/spec/allowedTools"],
    [{ metadata: { name: "other" } }, "/metadata/name"],
    [{ metadata: { name: "Review" } }, "/metadata/name"],
    [{ tags: ["ok", "No"] }, "/tags/1"],
    [{ spec: { tag: "No" } }, "/spec/tag"],
  ];
  for (const [given, pointer] of bad) {
    const error = await fails(push(client, FILES, given), "INVALID_ARGUMENT");
    assert.equal(error.diagnostics[0]?.pointer, pointer, error.message);
  }
  assert.equal((await client.listSkills({})).skills.length, 0);
});

suite("tags point at contents and stay there", async (client) => {
  const first = await push(client, [main("1")], { tags: ["v1", "latest"] });
  const one = first.skill?.status?.contentHash ?? "";
  const second = await push(client, [main("2", { description: "Now" })], {
    tags: ["v2"],
  });
  const two = second.skill?.status?.contentHash ?? "";
  assert.deepEqual(
    second.skill?.status?.tags.map((it) => [it.name, it.contentHash]),
    [["latest", two], ["v1", one], ["v2", two]],
  );
  const old = await client.getSkill({ name: "review@v1" });
  assert.equal(old.skill?.status?.contentHash, one);
  assert.equal(old.skill?.spec?.description, "When reviewing");
  assert.equal(old.skill?.metadata?.version?.number, 1);
  assert.deepEqual(old.files.map((it) => it.content), [main("1").content]);
  for (const digits of [one, one.slice(0, 8), one.toUpperCase()]) {
    const got = await client.getSkill({ name: `review@sha256:${digits}` });
    assert.deepEqual(got.skill, old.skill);
  }
  const moved = await client.tagSkill({ name: "review@v1", tag: "stable" });
  assert.equal(
    moved.skill?.status?.tags.find((it) => it.name === "stable")?.contentHash,
    one,
  );
  await client.tagSkill({ name: "review", tag: "stable" });
  const stable = await client.getSkill({ name: "review@stable" });
  assert.equal(stable.skill?.status?.contentHash, two);
  const less = await client.untagSkill({ name: "review", tag: "v1" });
  assert.deepEqual(
    less.skill?.status?.tags.map((it) => it.name),
    ["latest", "stable", "v2"],
  );
});

suite("a push of what is there moves tags and is unchanged", async (client) => {
  await push(client, [main("1")]);
  const again = await push(client, [main("1")], { tags: ["v1"] });
  assert.equal(again.unchanged, true);
  assert.deepEqual(
    again.skill?.status?.tags.map((it) => it.name),
    ["latest", "v1"],
  );
});

suite("what means no content is refused with a way out", async (client) => {
  await push(client, [main("1")], { tags: ["stable"] });
  const missing = await fails(
    client.getSkill({ name: "review@stabel" }),
    "NOT_FOUND",
  );
  assert.deepEqual(missing.hints, ['Did you mean "stable"?']);
  const near = await fails(client.getSkill({ name: "reviw" }), "NOT_FOUND");
  assert.deepEqual(near.hints, ['Did you mean "review"?']);
  const none = `review@sha256:${"0".repeat(64)}`;
  await fails(client.getSkill({ name: none }), "NOT_FOUND");
  await fails(
    client.getSkill({ name: "review@sha256:12" }),
    "INVALID_ARGUMENT",
  );
  await fails(client.getSkill({ name: "" }), "INVALID_ARGUMENT");
  await fails(
    client.tagSkill({ name: "review", tag: "latest" }),
    "INVALID_ARGUMENT",
  );
  await fails(
    client.tagSkill({ name: "review", tag: "A" }),
    "INVALID_ARGUMENT",
  );
  await fails(client.untagSkill({ name: "review", tag: "x" }), "NOT_FOUND");
  await fails(
    client.untagSkill({ name: "review", tag: "latest" }),
    "INVALID_ARGUMENT",
  );
});

suite("a name of 64 characters is never taken for another", async (client) => {
  const long = "a".repeat(63);
  const { skill } = await push(client, [main("1", { name: `${long}b` })]);
  assert.equal(skill?.metadata?.name, `${long}b`);
  await fails(
    push(client, [main("2", { name: `${long}c` })]),
    "ALREADY_EXISTS",
  );
  const again = await push(client, [main("3", { name: `${long}b` })]);
  assert.equal(again.skill?.metadata?.version?.number, 2);
});

suite("a skill may have 100 tags", async (client) => {
  await push(client, [main("1")], {
    tags: Array.from({ length: 100 }, (_, i) => `t${i}`),
  });
  await fails(
    client.tagSkill({ name: "review", tag: "x" }),
    "INVALID_ARGUMENT",
  );
  await client.tagSkill({ name: "review", tag: "t7" });
});

suite("agents name skills that are there", async (client) => {
  const first = await push(client, [main("1")], { tags: ["v1"] });
  const hash = first.skill?.status?.contentHash ?? "";
  const good = ["review", "review@v1", `review@sha256:${hash.slice(0, 12)}`];
  for (const word of good) {
    assert.deepEqual(await applyAgent(client, "checker", [word]), []);
  }
  const wrong: readonly (readonly [readonly string[], string, string])[] = [
    [["reviw"], "/spec/skills/0", 'There is no skill "reviw"'],
    [["review@v2"], "/spec/skills/0", 'Skill "review" has no tag "v2"'],
    [["review", "review@v1"], "/spec/skills/1", "stands twice"],
    [["./review"], "/spec/skills/0", "is a folder"],
  ];
  for (const [skills, pointer, text] of wrong) {
    const [found = ""] = await applyAgent(client, "other", [...skills]) ?? [];
    assert.ok(found.startsWith(`${pointer}: `) && found.includes(text), found);
  }
  await fails(client.getAgent({ name: "other" }), "NOT_FOUND");
});

suite("an agent keeps its skill and its tag", async (client) => {
  await push(client, [main("1")], { tags: ["v1"] });
  await applyAgent(client, "checker", ["review@v1"]);
  const kept = await fails(
    client.deleteSkill({ name: "review" }),
    "FAILED_PRECONDITION",
  );
  assert.match(kept.message, /agent "checker" refers to it/);
  await fails(
    client.untagSkill({ name: "review", tag: "v1" }),
    "FAILED_PRECONDITION",
  );
  await client.deleteAgent({ name: "checker" });
  await client.untagSkill({ name: "review", tag: "v1" });
  await client.deleteSkill({ name: "review" });
});

suite(
  "an agent keeps the content that a tag alone has",
  async (client, home) => {
    const { skill } = await push(client, [main("1")], { tags: ["v1"] });
    const digest = `sha256:${skill?.status?.contentHash.slice(0, 12)}`;
    await push(client, [main("2")]);
    using database = standardDriver().open(`${home}/stigmer.db`);
    // As after an import of the tag, whose version stays behind.
    database.prepare(
      "DELETE FROM api_resource_versions WHERE version_number = 1",
    )
      .run();
    assert.deepEqual(
      await applyAgent(client, "checker", [`review@${digest}`]),
      [],
    );
    const losing = [
      () => client.untagSkill({ name: "review", tag: "v1" }),
      () => client.tagSkill({ name: "review", tag: "v1" }),
      () => push(client, [main("3")], { tags: ["v1"] }),
    ];
    for (const lose of losing) {
      const { message } = await fails(lose(), "FAILED_PRECONDITION");
      assert.match(
        message,
        /nothing else keeps that content, and agent "checker" names it$/,
      );
      const kept = await client.getSkill({ name: `review@${digest}` });
      assert.equal(kept.files.length, 1);
    }
    await client.tagSkill({ name: `review@${digest}`, tag: "old" });
    await client.tagSkill({ name: "review", tag: "v1" });
    await client.getSkill({ name: `review@${digest}` });
    await client.deleteAgent({ name: "checker" });
    await client.untagSkill({ name: "review", tag: "old" });
  },
);

suite("gc keeps the contents that something names", async (client) => {
  const hashes: string[] = [];
  for (const body of ["1", "2", "3", "4"]) {
    const { skill } = await push(client, [main(body)], {
      tags: body === "1" ? ["v1"] : [],
    });
    hashes.push(skill?.status?.contentHash ?? "");
  }
  const digest = `review@sha256:${hashes[1]}`;
  await applyAgent(client, "checker", [digest]);
  await client.collectGarbage({ retention: { versions: 1 } });
  for (const name of ["review@v1", digest, "review"]) {
    const { files, skill } = await client.getSkill({ name });
    assert.equal(files.length, 1, name);
    assert.equal(skill?.spec?.description, "When reviewing");
  }
  await fails(
    client.getSkill({ name: `review@sha256:${hashes[2]}` }),
    "NOT_FOUND",
  );
});

suite("DeleteSkill gives back what it deleted", async (client) => {
  const { skill } = await push(client);
  assert.deepEqual((await client.deleteSkill({ name: "review" })).skill, skill);
  await fails(client.getSkill({ name: "review" }), "NOT_FOUND");
  await fails(client.deleteSkill({ name: "review" }), "NOT_FOUND");
});
