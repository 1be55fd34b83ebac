/**
 * What tasks do to the world, loaded when the first task of a kind does it: a
 * workflow that only computes loads neither models nor tool servers.
 *
 * @module
 */

import type { AgentActivities } from "../agent/activities.ts";
import type { Taping } from "../agent/asking.ts";
import type { CallActivities } from "../activity/calls.ts";
import type { ModelTape } from "../llm/cassette.ts";
import type { Activity } from "../model/durable.ts";
import { importUnseen } from "../model/unseen.ts";
import type { ServiceDeps } from "./deps.ts";
import { skillSource } from "./skill_source.ts";

/** The effects with what ends what they hold. */
export interface TaskEffects {
  /** To be plugged into the engine, by their names. */
  readonly activities: Readonly<Record<string, Activity>>;
  /** Loads all of them now, for who runs on and may be short of files later. */
  loadAll(): Promise<void>;
  /** Lets go of what is held for an execution; nothing is fine. */
  release(executionId: string): Promise<void>;
  /** Ends what they hold. */
  close(): Promise<void>;
}

/** What effects are made with. */
export interface TaskEffectsOptions extends ServiceDeps {
  /** Folder of the user's own prices and windows of models. */
  readonly modelsDirectory: string;
  /** What stands between the runs of this process and their models. */
  readonly tape?: ModelTape;
}

/** The names of what an agent and a question to a model do. */
const AGENT_NAMES = ["model", "tool", "skill", "workspace", "llm"] as const;
/** The names of what calls do. */
const CALL_NAMES = [
  "asyncapi-publish",
  "asyncapi-receive",
  "asyncapi-close",
  "a2a",
  "grpc",
  "http",
  "openapi",
  "resource",
] as const;

/** Makes the effects; nothing is loaded before it is needed. */
export function createTaskEffects(options: TaskEffectsOptions): TaskEffects {
  const { host } = options;
  const agents = late(() => loadAgents(options));
  const calls = late(() => loadCalls(options));
  const single = {
    mcp: late(async () => await loadMcp(options, await calls.get())),
    shell: late(async () => {
      const { createShellActivity } = await importUnseen<
        typeof import("../activity/shell.ts")
      >("../activity/shell.ts", import.meta.url);
      return createShellActivity({ host });
    }),
    script: late(async () => {
      const { createScriptActivity } = await importUnseen<
        typeof import("../activity/script.ts")
      >("../activity/script.ts", import.meta.url);
      return createScriptActivity({ host });
    }),
    container: late(async () => {
      const { createContainerActivity } = await importUnseen<
        typeof import("../activity/container.ts")
      >("../activity/container.ts", import.meta.url);
      return createContainerActivity({ host });
    }),
  };
  return {
    activities: {
      ...activitiesOf(AGENT_NAMES, agents),
      ...activitiesOf(CALL_NAMES, calls),
      ...Object.fromEntries(
        Object.entries(single).map(([name, { get }]): [string, Activity] => [
          name,
          async (input, context) => await (await get())(input, context),
        ]),
      ),
    },
    async loadAll() {
      const all = [agents, calls, ...Object.values(single)];
      await Promise.all(all.map(({ get }) => get()));
    },
    async release(executionId) {
      (await calls.begun())?.release(executionId);
      await (await agents.begun())?.release(executionId);
    },
    async close() {
      await (await agents.begun())?.close();
    },
  };
}

/** Activities of a part, each of which loads it when it is called. */
function activitiesOf(
  names: readonly string[],
  part: Late<{ readonly activities: Readonly<Record<string, Activity>> }>,
): Readonly<Record<string, Activity>> {
  return Object.fromEntries(names.map((name): [string, Activity] => [
    name,
    async (input, context) => {
      const activity = (await part.get()).activities[name];
      if (activity === undefined) throw new Error(`No activity "${name}"`);
      return await activity(input, context);
    },
  ]));
}

/** What is made when it is needed. */
interface Late<T> {
  get(): Promise<T>;
  /** It, if it was asked for and could be made. */
  begun(): Promise<T | undefined>;
}

function late<T>(make: () => Promise<T>): Late<T> {
  let making: Promise<T> | undefined;
  return {
    get() {
      return making ??= make().catch((error) => {
        // The next one who asks may have more luck.
        making = undefined;
        throw error;
      });
    },
    begun: async () => await making?.catch(() => undefined),
  };
}

async function loadAgents(
  options: TaskEffectsOptions,
): Promise<AgentActivities> {
  const [
    { createAgentActivities },
    { openModelBook },
    { modelOf },
    { createToolTrust },
    { mcpLogins },
    { ownFilesOf },
  ] = await Promise.all([
    importUnseen<typeof import("../agent/activities.ts")>(
      "../agent/activities.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("../llm/model_book.ts")>(
      "../llm/model_book.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("./model_of.ts")>(
      "./model_of.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("./tool_trust.ts")>(
      "./tool_trust.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("./mcp_logins.ts")>(
      "./mcp_logins.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("./own_files.ts")>(
      "./own_files.ts",
      import.meta.url,
    ),
  ]);
  const { host, store, modelsDirectory: directory } = options;
  return createAgentActivities({
    host,
    book: openModelBook({ host, directory }),
    modelOf: modelOf(store),
    taping: await tapingOf(options),
    skills: skillSource(store.database),
    trust: createToolTrust(options),
    logins: mcpLogins({ host, store }),
    ownFiles: ownFilesOf(store.path),
  });
}

/** What records or replays the models, which few runs do. */
async function tapingOf(
  { tape, store }: TaskEffectsOptions,
): Promise<Taping | undefined> {
  if (tape === undefined) return undefined;
  const { lineageOf } = await importUnseen<typeof import("./lineage.ts")>(
    "./lineage.ts",
    import.meta.url,
  );
  return { tape, lineageOf: lineageOf(store) };
}

async function loadCalls(
  { host }: TaskEffectsOptions,
): Promise<CallActivities> {
  const { createCallActivities } = await importUnseen<
    typeof import("../activity/calls.ts")
  >("../activity/calls.ts", import.meta.url);
  return createCallActivities({ host });
}

async function loadMcp(
  options: TaskEffectsOptions,
  { authorizer }: CallActivities,
): Promise<Activity> {
  const [{ createMcpActivity }, { createToolTrust }, { mcpLogins }] =
    await Promise.all([
      importUnseen<typeof import("../mcp/call.ts")>(
        "../mcp/call.ts",
        import.meta.url,
      ),
      importUnseen<typeof import("./tool_trust.ts")>(
        "./tool_trust.ts",
        import.meta.url,
      ),
      importUnseen<typeof import("./mcp_logins.ts")>(
        "./mcp_logins.ts",
        import.meta.url,
      ),
    ]);
  const { host, store } = options;
  return createMcpActivity({
    host,
    sender: authorizer,
    trust: createToolTrust(options),
    logins: mcpLogins({ host, store }),
  });
}
