/**
 * Shows what this process may do, and what each command keeps of it.
 *
 * @module
 */

import type { Host, PermissionName } from "../host/host.ts";
import { sqliteName, sqlitePlaces } from "../host/sqlite_places.ts";
import { PERMISSION_NAMES, SYS_KINDS } from "../host/permission_names.ts";
import type { Ending, Needs } from "./command.ts";
import { type Context, serverOf } from "./context.ts";
import { keptFor, NEEDS_DEFAULT } from "./permissions.ts";
import type { Settings } from "./settings.ts";
import { renderTable } from "./table.ts";
import { NOUNS, ROOT_VERBS, type Verb } from "./tree.ts";
import { showJson } from "./view.ts";
import { wrap } from "./wrap.ts";

/** What there is of a permission. */
interface Held {
  readonly name: PermissionName;
  /** `some` is what `scopes` tells; there may be more that nobody asked for. */
  readonly held: "all" | "all but what is denied" | "some" | "none";
  /** What of it Stigmer would use and may. */
  readonly scopes: readonly string[];
}

/** What commands of one sort keep. */
interface Sort {
  readonly needs: Needs | "nothing";
  readonly keeps: readonly PermissionName[];
  readonly givesUp: readonly PermissionName[];
  readonly commands: readonly string[];
}

/** Shows what this process may do, and what each command keeps of it. */
export async function showPermissions(context: Context): Promise<Ending> {
  const { host, io, settings } = context;
  const held = PERMISSION_NAMES.map((name) => heldOf(host, settings, name));
  const sorts = await sortsOf(context);
  if (io.format === "table" || io.format === "wide") {
    io.data(await heldText(context, held));
    io.data("");
    io.data(
      `What commands keep of that and give up the rest, with ${await backendWords(
        context,
      )}:`,
    );
    io.data("");
    for (const sort of sorts) io.data(wrap(sortText(sort), io.columns));
  } else if (io.format === "name") {
    for (const it of held) if (it.held !== "none") io.data(it.name);
  } else {
    await showJson(context, {
      permissions: held.map((it) => ({ ...it })),
      commands: sorts.flatMap(({ commands, needs, keeps, givesUp }) =>
        commands.map((command) => ({
          command,
          needs,
          keeps: [...keeps],
          givesUp: [...givesUp],
        }))
      ),
    });
  }
  return "ok";
}

function heldOf(host: Host, settings: Settings, name: PermissionName): Held {
  const whole = host.permissions.query(name);
  if (whole !== "none") {
    const held = whole === "all" ? "all" : "all but what is denied";
    return { name, held, scopes: [] };
  }
  const scopes = [...new Set(usesOf(host, settings, name))]
    .filter((it) => host.permissions.query(name, it) !== "none");
  return { name, held: scopes.length === 0 ? "none" : "some", scopes };
}

/** What Stigmer uses of a permission: scopes cannot be listed, only asked for. */
function usesOf(
  host: Host,
  settings: Settings,
  name: PermissionName,
): readonly string[] {
  switch (name) {
    case "read":
    case "write":
      return [settings.home, host.platform.cwd()].filter((it) => it !== "");
    case "net":
      return addressesOf(settings);
    case "env":
      return ["HOME", "PATH", "STIGMER_HOME"];
    case "run":
      return ["/bin/sh", "sh", "deno", "npx", "git", "docker", "secret-tool"];
    case "sys":
      return SYS_KINDS;
    case "ffi":
      return [
        settings.byKey.get("backend.local.library")?.value ?? "",
        ...sqlitePlaces(host),
        sqliteName(host),
      ].filter((it) => it !== "");
    case "import":
      return [];
  }
}

function addressesOf({ byKey }: Settings): readonly string[] {
  const endpoint = byKey.get("backend.cloud.endpoint")?.value ?? "";
  const url = URL.parse(endpoint);
  const own = url === null || url.host === "" ? [] : [url.host];
  return [
    ...own,
    "api.anthropic.com:443",
    "api.openai.com:443",
    "127.0.0.1",
    "127.0.0.1:11434",
  ];
}

async function heldText(
  { io }: Context,
  held: readonly Held[],
): Promise<string> {
  const rows = held.map((it) => [
    it.name,
    it.held === "some" ? it.scopes.join(", ") : HELD_WORDS[it.held],
  ]);
  return (await renderTable(
    [{ header: "PERMISSION" }, { header: "HELD" }],
    rows,
    { columns: io.columns, style: io.out },
  )).trimEnd();
}

const HELD_WORDS = {
  all: "everything",
  "all but what is denied": "everything but what is denied",
  none: "nothing that Stigmer uses",
} as const;

async function backendWords({ settings }: Context): Promise<string> {
  try {
    const choice = await serverOf({ settings });
    return choice === undefined
      ? "the database of this machine"
      : choice.endpoint;
  } catch {
    return "a backend that cannot be told";
  }
}

function sortText({ needs, keeps, commands }: Sort): string {
  const kept = keeps.join(", ") || "nothing";
  const words = needs === kept ? kept : `${kept} (${needs})`;
  return `${words}\n  ${commands.join(", ")}`;
}

/** Every command by what it keeps, the least first. */
async function sortsOf(
  { host, settings }: Context,
): Promise<readonly Sort[]> {
  const sorts: Sort[] = [
    {
      needs: "nothing",
      keeps: [],
      givesUp: PERMISSION_NAMES,
      commands: ["--help", "--version"],
    },
  ];
  for (const [needs, commands] of await commandsByNeeds()) {
    const kept = await keptFor(host, settings, needs);
    sorts.push({
      needs,
      keeps: PERMISSION_NAMES.filter((it) => kept.includes(it)),
      givesUp: PERMISSION_NAMES.filter((it) => !kept.includes(it)),
      commands,
    });
  }
  return sorts;
}

const NEEDS_ORDER: readonly Needs[] = [
  "reading",
  "writing",
  "backend",
  "secrets",
  "executions",
  "machine",
  "everything",
];

async function commandsByNeeds(): Promise<ReadonlyMap<Needs, string[]>> {
  const found = new Map(NEEDS_ORDER.map((it): [Needs, string[]] => [it, []]));
  for (const [name, verb] of allVerbs()) {
    if (verb.hidden) continue;
    const { command: { needs = NEEDS_DEFAULT } } = await verb.load();
    found.get(needs)?.push(name);
  }
  return found;
}

function allVerbs(): readonly (readonly [string, Verb])[] {
  const nouns = Object.entries(NOUNS).flatMap(([noun, { verbs }]) =>
    Object.entries(verbs).map(([word, verb]) =>
      [`${noun} ${word}`, verb] as const
    )
  );
  return [...Object.entries(ROOT_VERBS), ...nouns];
}
