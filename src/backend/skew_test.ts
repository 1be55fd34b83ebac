import assert from "node:assert/strict";
import { compareReleases, newerServer, olderServer } from "./skew.ts";

Deno.test("compareReleases() looks at major and minor alone", () => {
  const cases = [
    ["0.2.0", "0.2.9", 0],
    ["0.2.0", "0.3.0", -1],
    ["0.10.0", "0.9.0", 1],
    ["1.0.0", "0.9.9", 1],
    ["1.0.0-rc.1", "1.0.0", 0],
    ["next", "1.0.0", 0],
    // It is shown on a terminal.
    ["9.0.0-\x1b[2J", "1.0.0", 0],
    ["", "", 0],
  ] as const;
  for (const [a, b, sign] of cases) {
    assert.equal(Math.sign(compareReleases(a, b)), sign, `${a} ${b}`);
  }
});

Deno.test("newerServer() and olderServer() speak of what is out of step", () => {
  assert.equal(newerServer("0.2.1", "0.2.0"), undefined);
  assert.match(newerServer("0.3.0", "0.2.0") ?? "", /0\.3\.0.*0\.2\.0/);
  const call = (server: string) =>
    olderServer("CreateToken", { server, client: "0.2.0" });
  assert.equal(call("0.2.0"), undefined);
  assert.equal(call("0.3.0"), undefined);
  assert.match(call("0.1.0") ?? "", /"CreateToken".*0\.1\.0.*0\.2\.0/);
});
