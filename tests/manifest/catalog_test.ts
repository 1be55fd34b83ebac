import { deepEqual } from "node:assert/strict";
import { CATALOG } from "../../src/mcp/catalog.ts";
import { CATALOG_NAMES } from "../../src/model/tool_server.ts";

Deno.test("The names that manifests may use are those of the catalog", () => {
  deepEqual([...CATALOG_NAMES], Object.keys(CATALOG).sort());
});
