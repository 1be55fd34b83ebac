import { strictEqual } from "node:assert/strict";
import { isDeviceName } from "./file_name.ts";

Deno.test("isDeviceName() knows what Windows takes for a device", () => {
  for (
    const name of [
      "con",
      "CON",
      "nul.txt",
      "Aux.tar.gz",
      "com1",
      "LPT9.x",
      "com\u00b9",
      "prn .txt",
      "CONIN$",
    ]
  ) strictEqual(isDeviceName(name), true, name);
  for (const name of ["console", "com", "com10", "nul_", "a.con", "lpt", ""]) {
    strictEqual(isDeviceName(name), false, name);
  }
});
