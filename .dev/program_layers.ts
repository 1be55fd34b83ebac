/**
 * The layers of the bundled program: what is loaded together stands together,
 * so that a command reads few files and little that it does not need.
 *
 * @module
 */

/** Modules that are loaded together, with all that they need. */
export interface Layer {
  readonly name: string;
  /** What belongs to it; what these import follows. */
  readonly roots: readonly string[];
}

/** The layers, the ones that are always loaded first. */
export const LAYERS: readonly Layer[] = [
  {
    name: "start",
    roots: ["src/cli/main.ts", "src/host/system.ts", "src/sdk/value.ts"],
  },
  {
    name: "help",
    roots: [
      "src/cli/resolve.ts",
      "src/cli/parse.ts",
      "src/cli/globals.ts",
      "src/cli/help.ts",
    ],
  },
  {
    name: "list",
    roots: [
      "src/cli/invoke.ts",
      "src/backend/open.ts",
      "src/backend/local.ts",
      "src/cli/agent/list.ts",
      "src/cli/agent/resource.ts",
    ],
  },
  {
    name: "run",
    roots: [
      "src/backend/child_execution.ts",
      "src/backend/create_execution.ts",
      "src/backend/execution_detail.ts",
      "src/backend/executions.ts",
      "src/backend/given_names.ts",
      "src/backend/lineage.ts",
      "src/backend/means.ts",
      "src/backend/orphans.ts",
      "src/backend/programs.ts",
      "src/backend/questions.ts",
      "src/backend/run_secrets.ts",
      "src/backend/store_execution.ts",
      "src/backend/task_effects.ts",
      "src/cli/execution/execute.ts",
      "src/cli/execution/follow.ts",
      "src/cli/faults.ts",
      "src/cli/root/run.ts",
      "src/cli/running.ts",
      "src/engine/worker.ts",
      "src/expr/evaluate.ts",
      "src/manifest/_yaml.ts",
      "src/manifest/_yaml_tree.ts",
      "src/manifest/read.ts",
      "src/store/contexts.ts",
      "src/store/events.ts",
      "src/store/runs.ts",
      "gen/runtime/yaml.js",
    ],
  },
];

const IMPORTED_REGEXP = /(?:^|[;}])\s*(?:import|export)[^;`]*?"\.\/([^"]+)"/g;
/** What the bundler itself adds, which imports nothing. */
const RUNTIME = "rolldown-runtime.js";

/**
 * Refuses a layer that imports anything but the layers before it. What of it
 * is compiled early would not be there yet for modules in a circle.
 *
 * @param name The file of the layer.
 * @throws Error with what it imports.
 */
export function refuseCircles(name: string, code: string): void {
  const names = LAYERS.map((it) => `${it.name}.js`);
  const allowed = [RUNTIME, ...names.slice(0, names.indexOf(name))];
  for (const [, imported = ""] of code.matchAll(IMPORTED_REGEXP)) {
    if (!allowed.includes(imported)) {
      throw new Error(
        `Cannot let the layer ${name} import ${imported}, which is no layer ` +
          "before it: see LAYERS in .dev/program_layers.ts",
      );
    }
  }
}
