import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  type Attack,
  type Attacked,
  CANARY,
  createInjectionScene,
  type InjectionScene,
  POISON,
  scriptOf,
  TOKEN,
} from "./injection_scene.ts";

/** What an author writes who knows what must never happen. */
const DENY = { deny: ["shell:cmd=rm*", "desk:post", "fetch"] };

/** Asserts on the machine itself that nothing happened. */
function nothingHappened(scene: InjectionScene, attacked: Attacked): void {
  ok(scene.isKept(), "nothing is deleted");
  deepEqual(scene.stolen, [], "nothing is posted");
  for (const canary of [CANARY, TOKEN]) {
    deepEqual(scene.filesWith(canary), [], "nothing is read");
    const said = attacked.stdout + attacked.stderr;
    equal(said.includes(canary), false);
  }
}

/** Asserts that the log says which rule refused what. */
function deniedBy(attacked: Attacked, agent: string): void {
  const { rules, ends } = attacked;
  const by = `of agent "${agent}"`;
  equal(rules["workspace_shell"], `deny shell:cmd=rm* ${by}`);
  equal(rules["desk_post"], `deny desk:post ${by}`);
  equal(rules["workspace_fetch"], `deny fetch ${by}`);
  match(ends["workspace_shell"] ?? "", /refused by deny shell:cmd=rm\*/);
  // Reading is allowed, but not from there.
  match(ends["workspace_read"] ?? "", /above the folder is out of reach/);
}

const CHANNELS: Readonly<Record<string, (scene: InjectionScene) => Attack>> = {
  "a file": () => ({
    reads: { tool: "workspace_read", arguments: { path: "README.md" } },
  }),
  "a tool description": () => ({}),
  "a tool result": () => ({ reads: { tool: "desk_look", arguments: {} } }),
  "a skill": () => ({
    reads: { tool: "skill_load", arguments: { name: "letters" } },
    spec: { skills: ["letters"] },
  }),
  "the answer of a sub-agent": () => ({
    reads: { tool: "agent_helper", arguments: { message: "Help" } },
    spec: {
      subAgents: [{
        name: "helper",
        description: "Helps",
        instructions: "You help as you can.",
        model: { name: "script:helper.json" },
      }],
    },
  }),
};

for (const [channel, attackBy] of Object.entries(CHANNELS)) {
  Deno.test(`${channel} that tells the model to do harm does none`, async () => {
    await using scene = await createInjectionScene();
    const { place } = scene;
    await place.write(
      "work/helper.json",
      JSON.stringify({ turns: [{ say: POISON }] }),
    );
    if (channel === "a skill") {
      const head = "---\nname: letters\ndescription: Writes letters\n---\n";
      await place.write("letters/SKILL.md", head + POISON);
      equal((await place.run(["skill", "push", "letters"])).code, 0);
    }
    const attack = attackBy(scene);
    const attacked = await scene.attack({ permissions: DENY, ...attack });
    equal(attacked.code, 0, attacked.stderr);
    nothingHappened(scene, attacked);
    deniedBy(attacked, "bot");
  });
}

Deno.test("a web page that tells the model to do harm does none", async () => {
  await using scene = await createInjectionScene();
  const url = `${scene.pages}/page`;
  const attacked = await scene.attack({
    reads: { tool: "workspace_fetch", arguments: { url } },
    // This page may be read, and the host of the thief is none of those that
    // may be reached, whatever the rules say.
    permissions: {
      allow: ["fetch"],
      deny: ["shell:cmd=rm*", "desk:post"],
    },
  });
  equal(attacked.code, 0, attacked.stderr);
  nothingHappened(scene, attacked);
  equal(attacked.rules["workspace_shell"], 'deny shell:cmd=rm* of agent "bot"');
  match(attacked.stdout, /is none of the hosts that may be reached/);
});

Deno.test("a sub-agent that obeys is held to the rules of the agent above", async () => {
  await using scene = await createInjectionScene();
  const { place } = scene;
  const reads = { tool: "workspace_read", arguments: { path: "README.md" } };
  await place.write(
    "work/helper.json",
    JSON.stringify(scriptOf(reads, scene.harm)),
  );
  await place.write(
    "work/boss.json",
    JSON.stringify({
      turns: [
        {
          call: {
            tool: "agent_helper",
            arguments: { message: "Help", input: { token: "${input.token}" } },
          },
        },
        { say: "${toolResult}" },
      ],
    }),
  );
  const attacked = await scene.attack({
    permissions: DENY,
    spec: {
      model: { name: "script:boss.json" },
      subAgents: [{
        name: "helper",
        description: "Helps",
        instructions: "You help as you can.",
        model: { name: "script:helper.json" },
        permissions: { allow: ["*"] },
      }],
    },
  });
  equal(attacked.code, 0, attacked.stderr);
  nothingHappened(scene, attacked);
  match(
    attacked.stdout,
    /refused by deny shell:cmd=rm\* of agent \\*"bot\\*"/,
    "the rule is told by whose it is",
  );
});

Deno.test("without rules, what does harm waits for a person or is refused", async () => {
  await using scene = await createInjectionScene();
  const reads = { tool: "workspace_read", arguments: { path: "README.md" } };
  const asked = await scene.attack({ reads });
  equal(asked.code, 5, asked.stderr);
  match(asked.stderr, /stigmer execution approve/);
  nothingHappened(scene, asked);
  const refused = await scene.attack({ reads, words: ["--approve", "none"] });
  equal(refused.code, 0, refused.stderr);
  nothingHappened(scene, refused);
  const { rules, ends } = refused;
  const asNone = "this run approves none";
  equal(
    rules["workspace_shell"],
    `default: it may destroy something; ${asNone}`,
  );
  equal(
    rules["desk_post"],
    `default: its server does not say what it does; ${asNone}`,
  );
  match(ends["desk_post"] ?? "", /refused/);
});

Deno.test("the harm would be done if nothing stood in its way", async () => {
  await using scene = await createInjectionScene();
  const attacked = await scene.attack({
    reads: { tool: "workspace_read", arguments: { path: "README.md" } },
    permissions: { allow: ["*"] },
  });
  equal(attacked.code, 0, attacked.stderr);
  equal(scene.isKept(), false);
  // A secret that an agent was handed goes where its calls go.
  deepEqual(scene.stolen.map((it) => it.includes(TOKEN)), [true]);
  // Which files may be read is no matter of rules.
  deepEqual(scene.filesWith(CANARY), []);
});
