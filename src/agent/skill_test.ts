import assert from "node:assert/strict";
import { callSkill, type SkillSource } from "./skill_call.ts";
import {
  skillCommand,
  skillRequestFromJson,
  skillsInstruction,
  toolsOfSkills,
} from "./skill.ts";

const HASH = "a".repeat(64);
const SKILLS = [{
  name: "pdf",
  contentHash: HASH,
  description: "Reads\n PDFs",
}];
const LONG = "x".repeat(31_999) + "\u{1f600}" + "y".repeat(10);

function sourceOf(files: Readonly<Record<string, string | number[]>>) {
  const bytes = new Map(
    Object.entries(files).map(([path, it]) => [
      path,
      typeof it === "string"
        ? new TextEncoder().encode(it)
        : new Uint8Array(it),
    ]),
  );
  const source: SkillSource = {
    files: (hash) =>
      hash === HASH
        ? [...bytes].map(([path, it]) => ({ path, sizeBytes: it.length }))
        : [],
    read: (hash, path) => hash === HASH ? bytes.get(path) : undefined,
  };
  return source;
}

const SOURCE = sourceOf({
  "SKILL.md": "---\nname: pdf\ndescription: x\n---\n# How\nDo it.\n",
  "assets/logo.png": [0x89, 0x50, 0, 1],
  "assets/latin1.txt": [0xe9, 0x20],
  "references/long.md": LONG,
  "empty.txt": "",
});

function call(tool: string, args: Readonly<Record<string, string | number>>) {
  return callSkill({ tool, arguments: args, skills: SKILLS }, SOURCE);
}

Deno.test("skillsInstruction() has one line a skill, and none without", () => {
  assert.equal(skillsInstruction([]), "");
  const lines = skillsInstruction(SKILLS).split("\n");
  assert.equal(lines.at(-1), "- pdf: Reads PDFs");
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? "", /skill_load/);
});

Deno.test("toolsOfSkills() makes two tools that may be repeated", () => {
  assert.deepEqual(toolsOfSkills([], new Set()), []);
  const tools = toolsOfSkills(["pdf"], new Set(["skill_load"]));
  assert.deepEqual(
    tools.map(({ kind, name, server, tool, repeatable }) => [
      kind,
      name,
      `${server}:${tool}`,
      repeatable,
    ]),
    [
      ["skill", "skill_load_2", "skill:load", true],
      ["skill", "skill_read", "skill:read", true],
    ],
  );
});

Deno.test("skillCommand() says all that the activity needs", () => {
  const command = skillCommand({
    kind: "skill",
    id: "1",
    name: "skill_load",
    server: "skill",
    tool: "load",
    arguments: { name: "pdf" },
    repeatable: true,
    effect: "read",
  }, { path: "/turn/1/tool/1", leftMs: 5, skills: SKILLS });
  assert.ok(command.kind === "run");
  assert.equal(command.request.activity, "skill");
  assert.deepEqual(skillRequestFromJson(command.request.input), {
    tool: "load",
    arguments: { name: "pdf" },
    skills: [{ name: "pdf", contentHash: HASH }],
  });
});

Deno.test("callSkill() loads a body without its front matter, and files", () => {
  assert.deepEqual(call("load", { name: "pdf" }), {
    isError: false,
    text: `# Skill pdf

# How
Do it.

Files, to be read with skill_read:
- assets/logo.png (4 bytes)
- assets/latin1.txt (2 bytes)
- references/long.md (${31_999 + 4 + 10} bytes)
- empty.txt (0 bytes)`,
  });
});

Deno.test("callSkill() reads a file page by page, characters whole", () => {
  const path = "./references/long.md";
  const first = call("read", { name: "pdf", path });
  const end = "[Characters 0 to 31999 of 32011; go on with offset 31999]";
  assert.equal(first.text, `${"x".repeat(31_999)}\n${end}`);
  const rest = call("read", { name: "pdf", path, offset: 31_999 });
  assert.equal(
    rest.text,
    `\u{1f600}${"y".repeat(10)}\n[Characters 31999 to 32011 of 32011]`,
  );
  assert.equal(
    call("read", { name: "pdf", path: "SKILL.md" }).text,
    "---\nname: pdf\ndescription: x\n---\n# How\nDo it.\n",
  );
  assert.equal(
    call("read", { name: "pdf", path: "empty.txt" }).text,
    "(The file is empty.)",
  );
});

Deno.test("callSkill() says what is wrong and what there is", () => {
  const cases: readonly (readonly [
    string,
    Readonly<Record<string, string | number>>,
    RegExp,
  ])[] = [
    [
      "load",
      { name: "pfd" },
      /no skill "pfd". Did you mean "pdf"\? Skills are: pdf/,
    ],
    ["load", {}, /no skill ""/],
    [
      "read",
      { name: "pdf", path: "x.md" },
      /no file "x.md".*assets\/logo.png/s,
    ],
    ["read", { name: "pdf", path: "../../etc/passwd" }, /has no file/],
    ["read", { name: "pdf", path: "assets/logo.png" }, /no text: 4 bytes/],
    ["read", { name: "pdf", path: "assets/latin1.txt" }, /is no text/],
    ["read", { name: "pdf", path: "SKILL.md", offset: 99 }, /offset 99 is no/],
    ["read", { name: "pdf", path: "SKILL.md", offset: -1 }, /offset -1 is no/],
    ["read", { name: "pdf", path: "SKILL.md", offset: "1" }, /offset "1" is/],
  ];
  for (const [tool, args, wanted] of cases) {
    const { text, isError } = call(tool, args);
    assert.equal(isError, true);
    assert.match(text, wanted);
  }
  const gone = callSkill({
    tool: "load",
    arguments: { name: "pdf" },
    skills: [{ name: "pdf", contentHash: "b".repeat(64) }],
  }, SOURCE);
  assert.match(gone.text, /not kept any more/);
});

Deno.test("callSkill() bounds bodies and lists", () => {
  const files: Record<string, string> = {
    "SKILL.md": `---\nname: pdf\ndescription: x\n---\n${"z".repeat(100_001)}`,
  };
  for (let i = 0; i < 250; i++) files[`f${i}`] = "";
  const { text } = callSkill({
    tool: "load",
    arguments: { name: "pdf" },
    skills: SKILLS,
  }, sourceOf(files));
  assert.match(text, /\[Cut: it goes on/);
  assert.match(text, /- and 50 more$/);
});
