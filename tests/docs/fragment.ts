/**
 * YAML of a page: whole manifests are checked as `stigmer validate` does, a
 * part of one within what the comment above it names, as
 * `<!-- part of: the spec of an Agent -->`.
 *
 * @module
 */

import { fakeHost } from "../../src/host/fake.ts";
import { readConfigFile } from "../../src/cli/config_file.ts";
import { parseScript } from "../../src/llm/script_file.ts";
import { readManifests } from "../../src/manifest/read.ts";
import { renderDiagnostic } from "../../src/manifest/render.ts";
import { readTests } from "../../src/manifest/tests.ts";

const AGENT =
  "apiVersion: agentic.stigmer.ai/v1\nkind: Agent\nmetadata: { name: a }\nspec:\n  instructions: Help whoever asks.\n";
const DOCUMENT =
  "document: { dsl: 1.0.3, namespace: a, name: b, version: 1.0.0 }\ndo:\n";

/** What a part may be part of, and what is put around it. */
const WHOLES: Readonly<Record<string, (text: string) => string>> = {
  "the spec of an Agent": (text) => AGENT + indented(text),
  "the tasks of a workflow": (text) => DOCUMENT + indented(text),
};

/** Says what is wrong with a block of YAML, in the words of the program. */
export async function yamlProblems(
  text: string,
  part?: string,
): Promise<readonly string[]> {
  if (part === "config.yaml") return await configProblems(text);
  if (part !== undefined) {
    const whole = WHOLES[part];
    if (whole === undefined) return [`There is no "${part}" to be part of`];
    return await manifestProblems(whole(text));
  }
  if (/^turns:/m.test(text)) return await scriptProblems(text);
  if (/^cases:/m.test(text)) {
    const { diagnostics } = await readTests({ name: "tests.yaml", text });
    return diagnostics.map((it) => renderDiagnostic(it));
  }
  return await manifestProblems(text);
}

async function manifestProblems(text: string): Promise<readonly string[]> {
  const read = await readManifests([{ name: "manifest.yaml", text }]);
  const told = read.diagnostics.map((it) => renderDiagnostic(it));
  return told.length === 0 && read.documents.length === 0
    ? ["There is no manifest in it; say above it what it is part of"]
    : told;
}

async function scriptProblems(text: string): Promise<readonly string[]> {
  try {
    await parseScript(text, "script.yaml");
    return [];
  } catch (error) {
    return [String(error)];
  }
}

async function configProblems(text: string): Promise<readonly string[]> {
  const host = fakeHost({ files: { "/config.yaml": text } });
  return (await readConfigFile(host, "/config.yaml", true)).warnings;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}
