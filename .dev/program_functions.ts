/**
 * The functions of a bundled module: what each is called, where it stands, and
 * whether it can be written so that the engine compiles it with the module.
 *
 * Needs the parser of the bundler, so others ask it as a program of its own:
 * `program_functions.ts FILE...` writes the functions of each as JSON.
 *
 * @module
 */

/** One function of a module. */
export interface FunctionPlace {
  /**
   * Its name after those of what it stands in, as `openStore/close`; one
   * without a name is told by its number. Not unique: a bundle has functions
   * of the same name from several modules.
   */
  readonly key: string;
  readonly start: number;
  readonly end: number;
  /**
   * How it is written: at the top of the module, where it is hoisted; where an
   * expression may stand; or in another way, as methods are.
   */
  readonly form: "declaration" | "expression" | "other";
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly init?: unknown;
  readonly [field: string]: unknown;
}

/** What functions are numbered in. */
interface Scope {
  readonly key: string;
  unnamed: number;
}

/** What the bundler adds to a name that is already taken. */
const NUMBER_REGEXP = /\$\d+$/;
const FUNCTION_REGEXP =
  /^(?:Function(?:Declaration|Expression)|ArrowFunctionExpression)$/;

/**
 * Lists the functions of a module in the order in which they begin.
 *
 * @param program The module as the parser of the bundler gives it.
 */
export function functionsOf(program: unknown): readonly FunctionPlace[] {
  const found: FunctionPlace[] = [];
  if (isNode(program)) {
    visitAll(program, { key: "", unnamed: 0 }, found);
  }
  return found;
}

function visitAll(node: Node, scope: Scope, found: FunctionPlace[]): void {
  for (const field of Object.values(node)) {
    for (const child of Array.isArray(field) ? field : [field]) {
      if (isNode(child)) visit(child, { parent: node, scope, found });
    }
  }
}

function visit(node: Node, { parent, scope, found }: {
  readonly parent: Node;
  readonly scope: Scope;
  readonly found: FunctionPlace[];
}): void {
  const isFunction = isNode(node["body"]) && FUNCTION_REGEXP.test(node.type);
  if (!isFunction && !isNamedPlace(node, scope)) {
    return visitAll(node, scope, found);
  }
  const label = nameOf(node, parent, scope) ?? String(++scope.unnamed);
  const name = label.replace(NUMBER_REGEXP, "");
  const key = scope.key === "" ? name : `${scope.key}/${name}`;
  if (isFunction) {
    const { start, end } = node;
    found.push({ key, start, end, form: formOf(node, parent) });
  }
  visitAll(node, { key, unnamed: 0 }, found);
}

/** Whether what stands in it is told by its name too. */
function isNamedPlace({ type, init }: Node, { key }: Scope): boolean {
  if (type === "VariableDeclarator") {
    return key === "" && isNode(init) && !FUNCTION_REGEXP.test(init.type);
  }
  return type === "ClassDeclaration" || type === "ClassExpression";
}

/** Names of variables in functions are not told: the bundler may change them. */
function nameOf(node: Node, parent: Node, scope: Scope): string | undefined {
  const ids = [
    node["id"],
    ...(FUNCTION_REGEXP.test(node.type) ? [parent["key"]] : []),
    ...(scope.key === "" ? [parent["id"]] : []),
  ];
  const name = ids.find(isNode)?.["name"];
  return typeof name === "string" ? name : undefined;
}

function formOf(node: Node, parent: Node): FunctionPlace["form"] {
  const { type } = node;
  // One that is called where it stands is in parentheses already.
  if (parent["callee"] === node) return "other";
  if (type === "FunctionDeclaration") {
    return parent.type === "Program" ? "declaration" : "other";
  }
  // Asynchronous arrows are compiled late, however they are written.
  if (type === "ArrowFunctionExpression") {
    return node["async"] === true ? "other" : "expression";
  }
  const isMethod = parent.type === "MethodDefinition" ||
    parent["method"] === true ||
    (parent.type === "Property" && parent["kind"] !== "init");
  return type === "FunctionExpression" && !isMethod ? "expression" : "other";
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value &&
    typeof value.type === "string";
}

/** Gives the parser, which this repository's own lock file has not. */
export async function bundlersParser(): Promise<(code: string) => unknown> {
  // By a name that the checker of types does not follow.
  const name = "rolldown/parseAst";
  const { parseAst }: { readonly parseAst: (code: string) => unknown } =
    await import(name);
  return parseAst;
}

if (import.meta.main) {
  const parse = await bundlersParser();
  const lists = Deno.args.map((path) =>
    functionsOf(parse(Deno.readTextFileSync(path)))
  );
  console.log(JSON.stringify(lists));
}
