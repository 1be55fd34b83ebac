import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { VERSION } from "../../src/model/version.ts";
import { PROGRAM_LINE } from "../stigmer_program.ts";
import { createPlace } from "./program.ts";

Deno.test("the program answers version and help without a home", async () => {
  await using place = await createPlace();
  for (const word of ["version", "--version", "-V"]) {
    const ran = await place.run([word]);
    deepStrictEqual([ran.code, ran.stdout], [0, `${VERSION}\n`], word);
  }
  for (const words of [[], ["--help"], ["help"], ["agent"], ["agent", "-h"]]) {
    const { code, stdout, stderr } = await place.run(words);
    deepStrictEqual([code, stderr], [0, ""], words.join(" "));
    match(stdout, /Usage: stigmer/);
  }
  const { stdout } = await place.run(["agent", "list", "--help"]);
  match(stdout, /Usage: stigmer agent list \[options\]/);
  ok(!await exists(place.home));
});

Deno.test("a slip of the hand is met with what was meant, exit 2", async () => {
  await using place = await createPlace();
  const cases: readonly (readonly [readonly string[], string])[] = [
    [["aplly"], 'Did you mean "apply"?'],
    [["update"], 'Did you mean "upgrade"?'],
    [["--vesion"], 'Did you mean "--version"?'],
    [["-v"], 'Did you mean "-V" (--version)?'],
    [["agent", "craete"], 'Did you mean "agent create"?'],
    [["agent", "list", "--limt", "3"], 'Did you mean "--limit"?'],
    [["agent", "list", "-o", "jsn"], 'Did you mean "json"?'],
    [["get", "agnts"], 'Did you mean "agent"?'],
    [["config", "set", "outptu", "json"], 'Did you mean "output"?'],
    [["completions", "bsh"], 'Did you mean "bash"?'],
    [["completions", "bash", "-o", "jq=.x"], "choose one of script"],
    [["completions", "bash", "-o", "json"], 'cannot be "json"'],
    [["validate"], "Missing argument <FILES>...\nHint: Name files and folders"],
    [["workflow", "validate"], "Missing argument <FILES>..."],
    [["convert"], "Missing argument <FILES>..."],
    [
      ["schema", "event"],
      "Hint: Choose one of manifest, workflow, agent, environment",
    ],
    [["agent", "get"], "Missing argument <NAME>"],
    [["agent", "list", "more"], 'Unexpected argument "more"'],
  ];
  for (const [words, said] of cases) {
    const { code, stdout, stderr } = await place.run(words);
    deepStrictEqual([code, stdout], [2, ""], words.join(" "));
    ok(stderr.startsWith("Error: "), stderr);
    ok(stderr.includes(said), stderr);
  }
});

Deno.test("--secret does not exist yet", async () => {
  await using place = await createPlace();
  const { code } = await place.run(["env", "create", "a", "--secret", "K=v"]);
  strictEqual(code, 2);
});

Deno.test("a closed pipe ends nothing in tears", async () => {
  await using place = await createPlace();
  const script = `${PROGRAM_LINE} --help | true; echo "${"$"}{PIPESTATUS[0]}"`;
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", script],
    env: { STIGMER_HOME: place.home },
  }).output();
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  deepStrictEqual([decode(stdout), decode(stderr)], ["0\n", ""]);
});

Deno.test("--debug shows where an error came from, and only it", async () => {
  await using place = await createPlace();
  const plain = await place.run(["agent", "get", "none"]);
  ok(!plain.stderr.includes("    at "), plain.stderr);
  const debug = await place.run(["agent", "get", "none", "--debug"]);
  ok(debug.stderr.includes("    at "), debug.stderr);
  deepStrictEqual([plain.code, debug.code], [3, 3]);
});

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
