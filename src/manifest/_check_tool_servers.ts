/**
 * Checks the tool servers of an agent: one transport, one that was applied, or
 * a catalog's name.
 *
 * @module
 */

import type {
  AgentSpec,
  HttpTransport,
  McpServer,
  StdioTransport,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import { nearestName } from "../model/near.ts";
import { slugOf } from "../model/slug.ts";
import { CATALOG_NAMES, isCatalogName } from "../model/tool_server.ts";
import { checkOAuth } from "./_check_oauth.ts";
import { warnOfPlainKeys } from "./_check_plain_keys.ts";
import { checkVariableName, error, warnOfTwice } from "./_check_rules.ts";
import { webAddressProblem } from "./_check_url.ts";

/** Tool servers of one agent at the most. */
const TOOL_SERVERS_MAX = 64;

const NAME_REGEXP = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const HEADER_REGEXP = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Checks every tool server, and that their names differ. */
export function checkToolServers(servers: readonly McpServer[]): Diagnostic[] {
  const root = "/spec/mcpServers";
  const found: Diagnostic[] = [];
  if (servers.length > TOOL_SERVERS_MAX) {
    const message =
      `An agent may have ${TOOL_SERVERS_MAX} tool servers, this has ${servers.length}`;
    found.push(error(root, message));
  }
  const names = new Set<string>();
  for (const [i, server] of servers.entries()) {
    const pointer = pointerTo(root, i);
    found.push(...checkServer(server, pointer));
    const name = calledName(server);
    if (name !== "" && names.has(name)) {
      const at = server.name === "" ? "server" : "name";
      const message = `Tool server "${name}" is given twice`;
      found.push(error(`${pointer}/${at}`, message));
    }
    names.add(name);
  }
  return found;
}

/**
 * Refuses what is declared to be a secret in the arguments of a tool server,
 * which every process of the machine can read.
 */
export function checkSecretArguments(
  { mcpServers, env }: Pick<AgentSpec, "mcpServers" | "env">,
): Diagnostic[] {
  return mcpServers.flatMap((server, i) => {
    const pointer = pointerTo("/spec/mcpServers", i);
    return secretArguments(server, { env, pointer });
  });
}

/** As {@linkcode checkSecretArguments}, of one server. */
export function secretArguments(
  server: McpServer,
  { env, pointer }: Pick<AgentSpec, "env"> & { readonly pointer: string },
): Diagnostic[] {
  const secrets = Object.entries(env).filter(([, it]) => it.secret)
    .map(([name]) => name);
  return argumentsOf(server, pointer).flatMap(({ text, place }) => {
    const name = secrets.find((it) => text.includes(`\${${it}}`));
    if (name === undefined) return [];
    const message =
      `Secret "${name}" cannot stand here: every process of the machine can read arguments`;
    return [error(place, message, { hint: wayOut(server, name) })];
  });
}

/** What a server's tools are grouped under, as far as the definition tells. */
export function calledName({ name, server }: McpServer): string {
  return name || (slugOf(server) ?? server);
}

function wayOut({ transport }: McpServer, name: string): string {
  return transport.case === "stdio"
    ? `Give it in "env", as ${name}: "\${${name}}"`
    : 'Use a server of your own with "stdio" that reads it from "env"';
}

/** The arguments of a server that others can see, each with its place. */
function argumentsOf(
  { name, transport, args }: McpServer,
  pointer: string,
): readonly { readonly text: string; readonly place: string }[] {
  if (transport.case === "http") return [];
  const stdio = transport.case === "stdio";
  const texts = stdio ? transport.value.args : args;
  const root = stdio ? `${pointer}/stdio/args` : `${pointer}/args`;
  return texts.map((text, i) => ({ text, place: pointerTo(root, i) }))
    // The password of its URL is not given to it by argument.
    .slice(!stdio && name === "postgres" ? 1 : 0);
}

function checkServer(server: McpServer, pointer: string): Diagnostic[] {
  return [
    ...checkName(server, `${pointer}/name`),
    ...checkEnabledTools(server.enabledTools, pointer),
    ...(server.server === ""
      ? checkTransport(server, pointer)
      : checkApplied(server, pointer)),
  ];
}

/** Checks the tools that an agent is to see. */
export function checkEnabledTools(
  tools: readonly string[],
  pointer: string,
): Diagnostic[] {
  const root = `${pointer}/enabledTools`;
  return [
    ...tools.flatMap((tool, i) =>
      tool === ""
        ? [error(pointerTo(root, i), "The name of a tool is empty")]
        : []
    ),
    ...warnOfTwice(tools, root),
  ];
}

/** One that was applied says itself how it is reached. */
function checkApplied(
  { server, transport, args }: McpServer,
  pointer: string,
): Diagnostic[] {
  const field = transport.case ?? (args.length > 0 ? "args" : undefined);
  if (field === undefined) return [];
  const message =
    `The tool server is "${server}", which says itself how it is reached`;
  const hint = `Remove "${field}" or "server"`;
  return [error(`${pointer}/${field}`, message, { hint })];
}

function checkName(server: McpServer, pointer: string): Diagnostic[] {
  const { name, transport } = server;
  if (name === "") {
    return server.server === ""
      ? [error(pointer, "A tool server has no name")]
      : [];
  }
  if (!NAME_REGEXP.test(name)) {
    const message =
      `"${name}" is no name for a tool server: letters, digits, ".", "_" and "-", up to 63 characters`;
    return [error(pointer, message)];
  }
  const isReached = transport.case !== undefined || server.server !== "";
  if (isReached || isCatalogName(name)) return [];
  const near = nearestName(name, CATALOG_NAMES);
  const hint = near === undefined
    ? 'Add "stdio" or "http", "server" with one that was applied, or take ' +
      `one of ${CATALOG_NAMES.join(", ")}`
    : `Did you mean "${near}"?`;
  const message =
    `Tool server "${name}" is not in the catalog and has no "stdio" or "http"`;
  return [error(pointer, message, { hint })];
}

/** Checks how a server is reached that is not in the catalog. */
export function checkTransport(
  { transport, args }: McpServer,
  pointer: string,
): Diagnostic[] {
  if (transport.case === undefined) return [];
  const misplaced = args.length === 0 ? [] : [
    error(`${pointer}/args`, '"args" go with a name of the catalog alone', {
      hint: 'Put them under "stdio"',
    }),
  ];
  const own = transport.case === "stdio"
    ? checkStdio(transport.value, `${pointer}/stdio`)
    : checkHttp(transport.value, `${pointer}/http`);
  return [...misplaced, ...own];
}

function checkStdio(stdio: StdioTransport, pointer: string): Diagnostic[] {
  const found = Object.keys(stdio.env).flatMap((name) =>
    checkVariableName(name, pointerTo(`${pointer}/env`, name))
  );
  const command = `${pointer}/command`;
  if (stdio.command.trim() === "") {
    found.push(error(command, "The tool server has no command"));
  } else if (/\s/.test(stdio.command) && !/[/\\]/.test(stdio.command)) {
    found.push(
      error(command, `Command "${stdio.command}" holds a space`, {
        hint: 'Put what follows the program under "args"',
      }),
    );
  }
  const texts = [stdio.command, stdio.cwd, ...stdio.args];
  if ([...texts, ...Object.values(stdio.env)].some((it) => it.includes("\0"))) {
    const message = "No process can be given a NUL character";
    found.push(error(pointer, message));
  }
  const keys = { pointer: `${pointer}/env`, what: "Variable" } as const;
  return [...found, ...warnOfPlainKeys(stdio.env, keys)];
}

function checkHttp(http: HttpTransport, pointer: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  const problem = http.url === ""
    ? "The tool server has no url"
    : webAddressProblem(http.url, { plainHttp: false });
  if (problem !== undefined) found.push(error(`${pointer}/url`, problem));
  for (const [name, value] of Object.entries(http.headers)) {
    const place = pointerTo(`${pointer}/headers`, name);
    if (!HEADER_REGEXP.test(name)) {
      const message = `"${name}" is no name for a header`;
      found.push(error(place, message, { atKey: true }));
    }
    if (/[\r\n\0]/.test(value)) {
      found.push(error(place, `Header "${name}" must be on one line`));
    }
    if (http.oauth !== undefined && name.toLowerCase() === "authorization") {
      const message = `Header "${name}" says who asks, and so does "oauth"`;
      found.push(error(place, message, { hint: "Remove one of the two" }));
    }
  }
  const keys = { pointer: `${pointer}/headers`, what: "Header" } as const;
  found.push(...warnOfPlainKeys(http.headers, keys));
  return http.oauth === undefined
    ? found
    : [...found, ...checkOAuth(http.oauth, `${pointer}/oauth`)];
}
