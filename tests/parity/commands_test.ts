/**
 * Every command is compared, or is listed here with why it is not.
 *
 * @module
 */

import assert from "node:assert/strict";
import { resolveCommand } from "../../src/cli/resolve.ts";
import { NOUNS, ROOT_VERBS } from "../../src/cli/tree.ts";
import { stepsOf } from "./comparing.ts";
import { DEFINITIONS, FILES } from "./definitions.ts";
import { KEEPING } from "./keeping.ts";
import { RUNS } from "./runs.ts";
import { openTwins, runOn } from "./twins.ts";

/** What has only a use on one of the two, or is about the two themselves. */
const OWN: Readonly<Record<string, string>> = {
  init: "prepares a home folder; a server prepares its own",
  worker: "runs in the server",
  server: "is what serves",
  test: "runs its cases in a home of its own, whichever backend is used",
  restore: "replaces the file of a database that nobody may have open",
  doctor: "looks at the machine, and at the way to the server besides",
  migrate: "names its two backends itself",
  upgrade: "is about the program itself",
  top: "says when it looked, at which of the two, and how old all is",
  login: "is about servers",
  logout: "is about servers",
  "backend status": "tells the two apart",
  "backend list": "tells the two apart",
  "backend switch": "chooses between the two",
  "backend remove": "forgets a server",
  "config path": "is about a file of this machine",
  "config get": "is about a file of this machine",
  "config set": "is about a file of this machine",
  "config list": "is about a file of this machine",
  "secrets status": "tells where the key is, which is on the server",
  "secrets rotate": "tells where the key is, which is on the server",
};

const COMPARED = [DEFINITIONS, KEEPING, RUNS].flatMap(stepsOf);

function nameOf(words: readonly string[]): string | undefined {
  const resolved = resolveCommand(words);
  return resolved.kind === "verb" ? resolved.name : undefined;
}

const COMMANDS: readonly string[] = [
  ...Object.keys(ROOT_VERBS),
  ...Object.entries(NOUNS).flatMap(([noun, { verbs }]) =>
    Object.keys(verbs).map((verb) => `${noun} ${verb}`)
  ),
];

Deno.test("every command is compared on both backends, or has a reason", () => {
  const compared = new Set(
    COMPARED.flatMap(({ words }) => {
      try {
        return [nameOf(words) ?? ""];
      } catch {
        return []; // A word that stands for nothing is compared as well.
      }
    }),
  );
  for (const command of COMMANDS) {
    assert.notEqual(
      compared.has(command),
      Object.hasOwn(OWN, command),
      `stigmer ${command} is ${
        compared.has(command) ? "compared, and excepted" : "not compared"
      }`,
    );
  }
  for (const command of Object.keys(OWN)) {
    assert.ok(COMMANDS.includes(command), command);
  }
});

Deno.test("every command that is compared is compared where it fails, too", () => {
  const failing = new Set(
    COMPARED.filter(({ code = 0 }) => code !== 0).flatMap(({ words }) => {
      try {
        return [nameOf(words) ?? ""];
      } catch {
        return [];
      }
    }),
  );
  // They ask nothing that could be wrong, or answer a shell in any case.
  const harmless = new Set(["complete"]);
  const unfailing = COMMANDS.filter((it) =>
    !Object.hasOwn(OWN, it) && !harmless.has(it) && !failing.has(it)
  );
  assert.deepEqual(unfailing, []);
});

Deno.test("what only this machine can do ends on a server with what to do instead", async () => {
  await using twins = await openTwins({ files: FILES, transport: "unix" });
  const refused: readonly (readonly string[])[] = [
    ["init"],
    ["worker"],
    ["restore", "copy.db"],
    ["agent", "execute", "bot", "hello", "--record", "tape.yaml"],
  ];
  await Promise.all(refused.map(async (words) => {
    const { code, stdout, stderr } = await runOn(twins.cloud, { words });
    assert.equal(code, 1, `${words.join(" ")}: ${stderr}`);
    assert.equal(stdout, "");
    assert.match(stderr, /^Error: Cannot .*\nHint: .*stigmer /, stderr);
  }));
  const { stdout } = await runOn(twins.cloud, {
    words: ["backend", "status", "-o", "json"],
  });
  assert.equal(JSON.parse(stdout).type, "cloud");
  const { code, stdout: status } = await runOn(twins.cloud, {
    words: ["secrets", "status", "-o", "json"],
  });
  assert.equal(code, 0, status);
});
