/**
 * The rules of this repository that `deno lint` does not know by itself.
 *
 * @module
 */

/**
 * The rooms of `src/` and the rooms each may import.
 *
 * Every room may import itself and `gen/`. The drawing is in
 * docs/architecture.md; this table is what holds it true.
 */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  host: [],
  model: [],
  jq: [],
  expr: ["model", "jq"],
  vault: ["model", "host"],
  store: ["model", "host"],
  llm: ["model", "host"],
  mcp: ["model", "host"],
  workflow: ["model", "expr"],
  manifest: ["model", "workflow"],
  workspace: ["model", "host"],
  agent: ["model", "host", "llm", "mcp", "workspace"],
  activity: ["model", "host"],
  release: ["model", "host"],
  engine: ["model", "host", "workflow", "expr"],
  backend: [
    "model",
    "host",
    "expr",
    "workflow",
    "manifest",
    "store",
    "vault",
    "engine",
    "activity",
    "agent",
    "llm",
    "mcp",
  ],
  server: ["model", "host", "backend"],
  sdk: ["model", "workflow", "manifest", "backend"],
  offer: ["model", "host", "mcp", "backend"],
  cli: [
    "model",
    "host",
    "jq",
    "manifest",
    "backend",
    "server",
    "offer",
    "release",
  ],
};

/** Modules of the runtime that one room alone may import. */
const OWNED_MODULES: Readonly<Record<string, string>> = {
  "node:sqlite": "store",
};

const AMBIENT_MEMBERS: Readonly<Record<string, string>> = {
  "Date.now": "host.clock.now()",
  "performance.now": "host.clock.monotonic()",
  "Math.random": "host.random",
  "crypto.randomUUID": "host.random",
  "crypto.getRandomValues": "host.random",
};
const AMBIENT_OBJECTS: ReadonlySet<string> = new Set(["Deno", "console"]);
const AMBIENT_CALLS: ReadonlySet<string> = new Set([
  "fetch",
  "setInterval",
  "setTimeout",
  "alert",
  "confirm",
  "prompt",
]);
const MODULE_DOC_REGEXP =
  /^(#!.*\r?\n)?\/\*\*\r?\n( \*.*\r?\n)* \* @module\r?\n \*\//;

type Visitor = Deno.lint.LintVisitor;
type Context = Deno.lint.RuleContext;

function pathOf(ctx: Context): string {
  return ctx.filename.replaceAll("\\", "/");
}

/** Says which room of `src/` a path lies in. */
function roomOf(path: string): string | undefined {
  return path.match(/\/src\/([a-z]+)\//)?.[1];
}

function isTest(path: string): boolean {
  return path.endsWith("_test.ts") || path.includes("/tests/");
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** Resolves `./` and `../` of an import against the file that has it. */
function resolve(file: string, specifier: string): string {
  const parts = folderOf(file).split("/");
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** An import or re-export, static or not, of a specifier that is known. */
interface Import {
  readonly specifier: string;
  readonly node: Deno.lint.Node;
  /** Whether it is loaded with the file that has it. */
  readonly eager: boolean;
}

function onImport(check: (found: Import) => void): Visitor {
  const eager = (node: Deno.lint.StringLiteral | null) => {
    if (node !== null) check({ specifier: node.value, node, eager: true });
  };
  return {
    ImportDeclaration: (node) => eager(node.source),
    ExportNamedDeclaration: (node) => eager(node.source),
    ExportAllDeclaration: (node) => eager(node.source),
    ImportExpression: ({ source }) => {
      if (source.type !== "Literal" || typeof source.value !== "string") return;
      check({ specifier: source.value, node: source, eager: false });
    },
  };
}

/** Holds the arrows between rooms, and `_private.ts` files to their folder. */
function arrows(ctx: Context): Visitor {
  const file = pathOf(ctx);
  const from = roomOf(file);
  return onImport(({ specifier, node }) => {
    if (!specifier.startsWith(".")) return;
    const target = resolve(file, specifier);
    const to = roomOf(target);
    const name = target.slice(target.lastIndexOf("/") + 1);
    if (name.startsWith("_") && folderOf(target) !== folderOf(file)) {
      ctx.report({ node, message: `"${name}" is private to its folder` });
    }
    if (from === undefined || to === undefined || from === to) return;
    // A test may plug rooms together to try the real thing.
    if (isTest(file) || ARROWS[from]?.includes(to)) return;
    ctx.report({
      node,
      message: `Room "${from}" may not import room "${to}"`,
      hint: "The arrows are drawn in docs/architecture.md",
    });
  });
}

/** Keeps generated code in `gen/` and the runtime's modules where they belong. */
function modules(ctx: Context): Visitor {
  const file = pathOf(ctx);
  const room = roomOf(file);
  return onImport(({ specifier, node, eager }) => {
    if (
      specifier.endsWith("_pb.ts") &&
      !resolve(file, specifier).includes("/gen/")
    ) {
      ctx.report({
        node,
        message: `Generated code is imported from gen/, not "${specifier}"`,
      });
    }
    if (isTest(file) || room === undefined || !specifier.startsWith("node:")) {
      return;
    }
    const owner = OWNED_MODULES[specifier];
    if (owner !== undefined && owner !== room) {
      ctx.report({
        node,
        message: `Only room "${owner}" may import "${specifier}"`,
      });
    }
    if (owner === undefined && eager) {
      ctx.report({
        node,
        message: `"${specifier}" slows every start, import it where it is used`,
        hint: "Use `await import()`, or what the platform has built in",
      });
    }
  });
}

/** Says whether a file has a function, a constant or a parameter of that name. */
function bindsName(ctx: Context, name: string): boolean {
  const binding = new RegExp(`\\b(?:function|const|let) ${name}\\b`);
  const parameterOrField = new RegExp(`[({,]\\s*${name}\\s*[,:}]`);
  const { text } = ctx.sourceCode;
  return binding.test(text) || parameterOrField.test(text);
}

/** Keeps the clock, chance, network and environment in `src/host/`. */
function ambient(ctx: Context): Visitor {
  const file = pathOf(ctx);
  const room = roomOf(file);
  if (room === undefined || room === "host" || isTest(file)) return {};
  return {
    MemberExpression(node) {
      if (node.object.type !== "Identifier") return;
      if (node.property.type !== "Identifier") return;
      const object = node.object.name;
      if (AMBIENT_OBJECTS.has(object)) {
        ctx.report({
          node,
          message: `Ambient \`${object}\`, take it from the host`,
        });
        return;
      }
      const instead = AMBIENT_MEMBERS[`${object}.${node.property.name}`];
      if (instead === undefined) return;
      ctx.report({ node, message: `Ambient effect, use ${instead}` });
    },
    CallExpression(node) {
      if (node.callee.type !== "Identifier") return;
      const name = node.callee.name;
      if (!AMBIENT_CALLS.has(name) || bindsName(ctx, name)) return;
      ctx.report({
        node,
        message: `Ambient \`${name}\`, take it from the host`,
      });
    },
    NewExpression(node) {
      if (node.callee.type !== "Identifier") return;
      if (node.callee.name !== "Date" || node.arguments.length > 0) return;
      ctx.report({ node, message: "Ambient clock, use host.clock.now()" });
    },
  };
}

/**
 * Has one file ask which system this is: what differs between systems takes it
 * as a value, so that a test on one tries what another does.
 */
function system(ctx: Context): Visitor {
  const file = pathOf(ctx);
  if (roomOf(file) !== "host" || isTest(file)) return {};
  if (file.endsWith("/src/host/os.ts")) return {};
  return {
    MemberExpression(node) {
      const { object, property } = node;
      if (property.type !== "Identifier" || property.name !== "os") return;
      if (object.type !== "MemberExpression") return;
      if (object.object.type !== "Identifier") return;
      if (object.object.name !== "Deno") return;
      ctx.report({
        node,
        message: "Only src/host/os.ts asks which system this is, take its `OS`",
      });
    },
  };
}

/** Keeps out the forms of TypeScript that this code base does not use. */
function forms(ctx: Context): Visitor {
  const file = pathOf(ctx);
  return {
    TSEnumDeclaration: (node) =>
      ctx.report({ node, message: "Use a union of literals, not an enum" }),
    ExportAllDeclaration: (node) =>
      ctx.report({ node, message: "Export by name, not with `export *`" }),
    ExportDefaultDeclaration: (node) => {
      // What `deno lint` loads as a plugin has to be a default export.
      if (file.endsWith("/lint_plugin.ts")) return;
      ctx.report({ node, message: "Export by name, not by default" });
    },
  };
}

/** Asks that a file say at its top what it is. */
function moduleDoc(ctx: Context): Visitor {
  if (isTest(pathOf(ctx))) return {};
  return {
    Program() {
      if (MODULE_DOC_REGEXP.test(ctx.sourceCode.text)) return;
      ctx.report({
        range: [0, 0],
        message: "File does not open with a doc comment that ends in @module",
      });
    },
  };
}

const plugin: Deno.lint.Plugin = {
  name: "stigmer",
  rules: {
    arrows: { create: arrows },
    modules: { create: modules },
    ambient: { create: ambient },
    system: { create: system },
    forms: { create: forms },
    "module-doc": { create: moduleDoc },
  },
};

export default plugin;
