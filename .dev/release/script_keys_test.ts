import { deepStrictEqual, match } from "node:assert/strict";
import { ownScriptProblems, scriptKeysProblem } from "./script_keys.ts";

const KEYS = [{ name: "1", publicKey: "AAA=" }, {
  name: "2",
  publicKey: "B+/=",
}];

Deno.test("scriptKeysProblem() finds none where a script carries what the program believes", () => {
  for (
    const [name, text] of [
      ["install.sh", '#!/bin/sh\nRELEASE_KEYS="AAA= B+/="\n'],
      ["install.ps1", '$StigmerReleaseKeys = "B+/= AAA="\n'],
    ] as const
  ) {
    deepStrictEqual(scriptKeysProblem(name, text, KEYS), undefined);
  }
});

Deno.test("scriptKeysProblem() names the keys that differ", () => {
  match(
    scriptKeysProblem("install.sh", 'RELEASE_KEYS="AAA= ZZZ="\n', KEYS) ?? "",
    /^install\.sh carries other keys .*: it lacks B\+\/=, has ZZZ= besides$/,
  );
  match(
    scriptKeysProblem("install.ps1", "exit 0\n", KEYS) ?? "",
    /^install\.ps1 has no line of release keys$/,
  );
});

Deno.test("the scripts of this clone carry the keys of the program", async () => {
  deepStrictEqual(await ownScriptProblems(), []);
});
