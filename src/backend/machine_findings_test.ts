import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import type { FakeGrants } from "../host/fake_permissions.ts";
import type { Host } from "../host/host.ts";
import { modelFindings, programFindings } from "./machine_findings.ts";

/** A machine that has git, with what this process may do there. */
function machine(
  permissions: FakeGrants,
  { standalone = false }: { readonly standalone?: boolean } = {},
): Host {
  const host = fakeHost({ permissions });
  const find = (name: string): string | undefined =>
    name === "git" ? "/usr/bin/git" : undefined;
  return {
    ...host,
    platform: { ...host.platform, standalone },
    processes: { ...host.processes, find },
  };
}

async function ollamaOf(host: Host): Promise<readonly (string | undefined)[]> {
  const findings = await modelFindings(host, AbortSignal.timeout(10_000));
  const found = findings.find((it) => it.name === "ollama");
  return [found?.detail, found?.fix];
}

function gitOf(host: Host): readonly (string | undefined)[] {
  const findings = programFindings(host, { places: true });
  const found = findings.find((it) => it.name === "git");
  return [found?.detail, found?.fix];
}

Deno.test("modelFindings() says that it may not ask Ollama, and not that it does not answer", async () => {
  deepStrictEqual(await ollamaOf(machine({ net: [] })), [
    "this program may not call http://127.0.0.1:11434",
    "Start it with --allow-net",
  ]);
  deepStrictEqual(await ollamaOf(machine({ net: [] }, { standalone: true })), [
    "this program may not call http://127.0.0.1:11434",
    "Take the variant stigmer, which may",
  ]);
});

Deno.test("modelFindings() asks Ollama where it may call that address alone", async () => {
  for (const scope of ["127.0.0.1", "127.0.0.1:11434"]) {
    const [detail] = await ollamaOf(machine({ net: [scope] }));
    match(detail ?? "", /^does not answer/, scope);
  }
});

Deno.test("programFindings() says which programs it may not start", () => {
  deepStrictEqual(gitOf(machine({ run: [] })), [
    "this program may not start /usr/bin/git",
    "Start it with --allow-run",
  ]);
  for (const run of ["all", ["git"], ["/usr/bin/git"]] as const) {
    strictEqual(gitOf(machine({ run }))[0], "run by /usr/bin/git");
  }
});

Deno.test("programFindings() names no place where none is to be shown", () => {
  const findings = programFindings(machine({ run: [] }), { places: false });
  const found = findings.find((it) => it.name === "git");
  strictEqual(found?.detail, "this program may not start git");
});
