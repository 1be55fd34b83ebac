import assert from "node:assert/strict";
import { isEnough, parseRole, type Role, ROLES } from "./role.ts";

Deno.test("isEnough() lets each role do its own and what stands below it", () => {
  const enough: Readonly<Record<Role, string>> = {
    admin: "admin editor runner viewer",
    editor: "editor viewer",
    runner: "runner viewer",
    viewer: "viewer",
  };
  for (const role of ROLES) {
    const allowed = ROLES.filter((it) => isEnough(role, it)).join(" ");
    assert.equal(allowed, enough[role], role);
  }
});

Deno.test("parseRole() takes the four roles and nothing else", () => {
  assert.deepEqual(ROLES.map(parseRole), [...ROLES]);
  assert.equal(parseRole("owner"), undefined);
  assert.equal(parseRole("Admin"), undefined);
});
