import assert from "node:assert/strict";
import { type Random, randomFrom } from "../../tests/manifest/random.ts";
import type { Json, JsonObject } from "./json.ts";
import {
  type Decision,
  judgeCall,
  type JudgedCall,
  type RuleLayer,
  type ToolRules,
} from "./permission.ts";

const CASES = 2000;
const MILDNESS: readonly Decision[] = ["deny", "ask", "allow"];
const WORDS = ["files", "shell", "workspace", "fetch", "write", "*", "f*", "?"];
const TEXTS = [
  "docs/a",
  "docs/../b",
  "./docs//a",
  "git push; rm",
  "git push",
  "GIT push",
  "https://a.example/x",
  "https://a.example@b.example/",
  "a\u200bb",
  "",
];
const GLOBS = ["*", "docs/*", "git*", "https://a.example/*", "?*", "*b"];
const NAMES = ["path", "cmd", "a.b"];

function randomRule(random: Random): string {
  const parts = [random.pick(WORDS)];
  if (random.below(2) === 0) parts.push(random.pick(WORDS));
  while (random.below(3) === 0) {
    parts.push(`${random.pick(NAMES)}=${random.pick(GLOBS)}`);
  }
  return parts.join(":");
}

function randomRules(random: Random): ToolRules {
  const some = () =>
    Array.from({ length: random.below(4) }, () => randomRule(random));
  return { allow: some(), ask: some(), deny: some() };
}

function randomLayers(random: Random): RuleLayer[] {
  return Array.from({ length: 1 + random.below(3) }, (_, i) => ({
    agent: `a${i}`,
    rules: randomRules(random),
  }));
}

function randomValue(random: Random): Json {
  const text = random.pick(TEXTS);
  return random.pick<Json>([text, [text, random.pick(TEXTS)], { b: text }, 5]);
}

function randomCall(random: Random): JudgedCall {
  const args: JsonObject = Object.fromEntries(
    ["path", "Path", "cmd", "a", "a.b"]
      .filter(() => random.below(2) === 0)
      .map((name) => [name, randomValue(random)]),
  );
  return {
    server: random.pick(["files", "shell", "workspace", "fetch"]),
    tool: random.pick(["write", "fetch", "shell", "wr\u0456te"]),
    arguments: args,
    effect: random.pick(["read", "write", "destructive", "unknown"]),
  };
}

/** Draws a call and its layers, and holds a claim about them. */
function forMany(
  claim: (
    call: JudgedCall,
    layers: readonly RuleLayer[],
    random: Random,
  ) => void,
): void {
  for (let seed = 1; seed <= CASES; seed++) {
    const random = randomFrom(seed);
    const call = randomCall(random);
    const layers = randomLayers(random);
    try {
      claim(call, layers, random);
    } catch (cause) {
      throw new Error(`Seed ${seed}`, { cause });
    }
  }
}

function mildness(call: JudgedCall, layers: readonly RuleLayer[]): number {
  return MILDNESS.indexOf(judgeCall(call, layers).decision);
}

function withRule(
  layers: readonly RuleLayer[],
  { at, decision, rule }: {
    readonly at: number;
    readonly decision: Decision;
    readonly rule: string;
  },
): RuleLayer[] {
  return layers.map((layer, i) =>
    i !== at ? layer : {
      ...layer,
      rules: {
        ...layer.rules,
        [decision]: [...layer.rules[decision], rule],
      },
    }
  );
}

Deno.test("a further deny makes no verdict milder, and a further allow none stricter", () => {
  forMany((call, layers, random) => {
    const before = mildness(call, layers);
    const at = random.below(layers.length);
    const rule = randomRule(random);
    const denied = withRule(layers, { at, decision: "deny", rule });
    assert.ok(mildness(call, denied) <= before);
    const allowed = withRule(layers, { at, decision: "allow", rule });
    assert.ok(mildness(call, allowed) >= before);
  });
});

Deno.test("a further layer makes no verdict milder", () => {
  forMany((call, layers, random) => {
    const more = { agent: "more", rules: randomRules(random) };
    const before = mildness(call, layers);
    assert.ok(mildness(call, [...layers, more]) <= before);
    assert.ok(mildness(call, [more, ...layers]) <= before);
  });
});

Deno.test("the order of rules and of layers does not matter", () => {
  forMany((call, layers) => {
    const turned = layers.toReversed().map(({ agent, rules }) => ({
      agent,
      rules: {
        allow: rules.allow.toReversed(),
        ask: rules.ask.toReversed(),
        deny: rules.deny.toReversed(),
      },
    }));
    assert.equal(mildness(call, turned), mildness(call, layers));
  });
});

Deno.test("what a rule allows the same rule would ask about, and refuse", () => {
  forMany((call, layers, random) => {
    const [layer] = layers;
    assert.ok(layer);
    const rule = randomRule(random);
    const none = { allow: [], ask: [], deny: [] };
    const alone = (rules: Partial<ToolRules>) =>
      judgeCall(call, [{ agent: "a", rules: { ...none, ...rules } }]);
    if (alone({ allow: [rule] }).rule !== `allow ${rule} of agent "a"`) return;
    assert.equal(alone({ ask: [rule] }).decision, "ask");
    assert.equal(alone({ deny: [rule] }).decision, "deny");
  });
});

Deno.test("every verdict says why", () => {
  forMany((call, layers) => {
    assert.notEqual(judgeCall(call, layers).rule, "");
  });
});
