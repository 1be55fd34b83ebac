/**
 * The `a2a` activity: finds an agent and asks it, over JSON-RPC 2.0. What the
 * agent streams is gathered into an array.
 *
 * @module
 */

import { withPlainPermissions } from "../host/missing_permission.ts";
import type {
  Activity,
  ActivityContext,
  ActivityOutcome,
} from "../model/durable.ts";
import { innermostCause, StigmerError } from "../model/error.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";
import {
  completed,
  excerpt,
  failed,
  mediaType,
  readBounded,
  shortened,
  statusLine,
  withoutToken,
} from "./_answer.ts";
import { Fault, fault, withFaults } from "./_fault.ts";
import { headerText } from "./_send.ts";
import { serverEvents } from "./_stream.ts";
import { authorizedInput, type Authorizer } from "./authorize.ts";
import { type Documents, isSameOrigin, uriOf } from "./documents.ts";

/** Where an agent's card is, when its address has no path. */
const CARD_PATH = "/.well-known/agent-card.json";
const STREAMED: ReadonlySet<string> = new Set([
  "message/stream",
  "tasks/resubscribe",
]);
const MESSAGES: ReadonlySet<string> = new Set([
  "message/send",
  "message/stream",
]);

/** What the machine resolved. */
interface A2aInput {
  readonly agentCard: Json;
  readonly server: Json;
  readonly method: string;
  readonly parameters: Json;
}

/** Where to ask, and how to prove there who asks. */
interface Agent {
  readonly url: string;
  readonly authentication: Json | undefined;
}

/** Makes the activity. */
export function createA2aActivity(
  { authorizer, documents }: {
    readonly authorizer: Authorizer;
    readonly documents: Documents;
  },
): Activity {
  return withFaults(async (json, context) => {
    const settled = await authorizedInput(json, context, {
      authorizer,
      authentication: (it) => ownProof(parseInput(it))?.authentication,
    });
    const input = parseInput(settled);
    const agent = await findAgent(input, { documents, context });
    const request = await requestOf(input, agent, context);
    const outcome = await ask(request, { authorizer, agent, input });
    return withoutToken(outcome, authorizer.tokenOf(request));
  });
}

async function ask(
  request: Request,
  { authorizer, agent, input }: {
    readonly authorizer: Authorizer;
    readonly agent: Agent;
    readonly input: A2aInput;
  },
): Promise<ActivityOutcome> {
  const what = `${input.method} of agent "${agent.url}"`;
  try {
    const response = await authorizer.fetch(request, agent.authentication);
    return await outcomeOf(response, { input, what });
  } catch (error) {
    if (error instanceof StigmerError) throw error;
    if (error instanceof Fault) {
      return { kind: "failed", failure: error.failure };
    }
    const why = withPlainPermissions(innermostCause(error));
    return failed("communication", `${what} failed: ${why}`);
  }
}

/** What proves who asks, and the address for which the task gives it. */
interface Proof {
  readonly uri: string;
  readonly authentication: Json;
}

function ownProof({ server, agentCard }: A2aInput): Proof | undefined {
  for (const at of [server, agentCard]) {
    const own = isJsonObject(at) ? member(at, "authentication") : undefined;
    if (isJsonObject(own)) return { uri: uriOf(at), authentication: own };
  }
  return undefined;
}

/** The card says where its agent is; without one, the server is the agent. */
async function findAgent(
  input: A2aInput,
  { documents, context }: {
    readonly documents: Documents;
    readonly context: ActivityContext;
  },
): Promise<Agent> {
  const proof = ownProof(input);
  if (!isJsonObject(input.agentCard)) {
    const url = uriOf(input.server);
    if (isWebAddress(url)) {
      return { url, authentication: proof?.authentication };
    }
    throw fault(
      "configuration",
      `Cannot ask agent "${url}": that is no address of http or https`,
    );
  }
  const at = cardAddress(uriOf(input.agentCard));
  const { uri, content } = await documents.parsed(
    { ...input.agentCard, uri: at },
    context,
  );
  const given = isJsonObject(content) ? addressOf(content) : undefined;
  const url = given === undefined
    ? null
    : URL.parse(given, uri.startsWith("http") ? uri : undefined);
  if (url === null || !isWebAddress(url.href)) {
    throw fault(
      "configuration",
      `Agent card "${uri}" names no address at which the agent speaks JSON-RPC`,
    );
  }
  // A card that is fetched may lead, and move, anywhere.
  const isMeant = proof !== undefined &&
    (uri.startsWith("file:") || isSameOrigin(url.href, proof.uri));
  return {
    url: url.href,
    authentication: isMeant ? proof.authentication : undefined,
  };
}

function isWebAddress(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? "");
}

function cardAddress(uri: string): string {
  const url = /^https?:/i.test(uri) ? URL.parse(uri) : null;
  return url === null || url.pathname !== "/"
    ? uri
    : new URL(CARD_PATH, url).href;
}

/** The address for JSON-RPC, as cards of each version of the protocol say. */
function addressOf(card: JsonObject): string | undefined {
  const isJsonRpc = (value: Json | undefined): boolean =>
    value === undefined || value === "JSONRPC";
  const url = member(card, "url");
  if (
    typeof url === "string" && isJsonRpc(member(card, "preferredTransport"))
  ) {
    return url;
  }
  for (const key of ["additionalInterfaces", "supportedInterfaces"]) {
    const list = member(card, key);
    for (const item of isJsonArray(list) ? list : []) {
      if (!isJsonObject(item)) continue;
      const transport = member(item, "transport") ??
        member(item, "protocolBinding");
      const found = member(item, "url");
      if (transport === "JSONRPC" && typeof found === "string") return found;
    }
  }
  return undefined;
}

async function requestOf(
  { method, parameters }: A2aInput,
  { url }: Agent,
  context: ActivityContext,
): Promise<Request> {
  const params = MESSAGES.has(method)
    ? await withMessageDefaults(parameters, context)
    : parameters;
  return new Request(url, {
    method: "POST",
    signal: context.signal,
    headers: {
      "content-type": "application/json",
      accept: STREAMED.has(method)
        ? "text/event-stream, application/json;q=0.5"
        : "application/json",
      "idempotency-key": headerText(context.idempotencyKey),
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method,
      ...(params === null ? {} : { params }),
    }),
  });
}

/** A message says who wrote it and has an id: the same when it is sent again. */
async function withMessageDefaults(
  parameters: Json,
  { idempotencyKey }: ActivityContext,
): Promise<Json> {
  const message = isJsonObject(parameters)
    ? member(parameters, "message")
    : undefined;
  if (!isJsonObject(parameters) || !isJsonObject(message)) return parameters;
  return {
    ...parameters,
    message: {
      kind: "message",
      role: "user",
      messageId: await uuidOf(idempotencyKey),
      ...message,
    },
  };
}

/** A UUID (version 8) that depends on a text alone. */
async function uuidOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(text),
  );
  const hex = new Uint8Array(digest, 0, 16).toHex();
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
}

async function outcomeOf(
  response: Response,
  { input, what }: { readonly input: A2aInput; readonly what: string },
): Promise<ActivityOutcome> {
  if (response.ok && mediaType(response) === "text/event-stream") {
    const results = await gather(response, what);
    return completed(
      STREAMED.has(input.method) ? results : results.at(-1) ?? null,
    );
  }
  const bytes = await readBounded(response);
  if (bytes === undefined) {
    throw fault(
      "communication",
      `${what} answered more than ${VALUE_SIZE_BYTES_MAX} bytes`,
    );
  }
  const answer = parseAnswer(new TextDecoder().decode(bytes));
  // An agent may say why in JSON-RPC, whatever the status.
  if (answer !== undefined && member(answer, "error") !== undefined) {
    throw refused(answer, what);
  }
  if (!response.ok || answer === undefined) {
    throw fault(
      "communication",
      `${what} answered ${response.ok ? "no JSON-RPC" : statusLine(response)}${
        excerpt(response, bytes)
      }`,
      response.ok ? {} : { status: response.status },
    );
  }
  const result = member(answer, "result") ?? null;
  return completed(STREAMED.has(input.method) ? [result] : result);
}

/** The results of a stream, to its end. */
async function gather(response: Response, what: string): Promise<Json[]> {
  const results: Json[] = [];
  if (response.body === null) return results;
  let length = 0;
  const options = { lengthMax: VALUE_SIZE_BYTES_MAX };
  for await (const { data } of serverEvents(response.body, options)) {
    length += data.length;
    if (length > VALUE_SIZE_BYTES_MAX) {
      throw fault(
        "communication",
        `${what} streamed more than ${VALUE_SIZE_BYTES_MAX} characters`,
      );
    }
    const answer = parseAnswer(data);
    if (answer === undefined) {
      throw fault("communication", `${what} streamed what is no JSON-RPC`);
    }
    if (member(answer, "error") !== undefined) throw refused(answer, what);
    results.push(member(answer, "result") ?? null);
  }
  return results;
}

function parseAnswer(text: string): JsonObject | undefined {
  try {
    const json: Json = JSON.parse(text);
    return isJsonObject(json) && member(json, "jsonrpc") === "2.0"
      ? json
      : undefined;
  } catch {
    return undefined;
  }
}

function refused(answer: JsonObject, what: string): Fault {
  const error = member(answer, "error");
  const given = isJsonObject(error) ? error : {};
  const data = member(given, "data");
  const more = data === undefined || data === null
    ? ""
    : ` ${shortened(JSON.stringify(data))}`;
  return fault(
    "runtime",
    `${what} was refused: ${member(given, "message") ?? "no reason given"} (${
      member(given, "code") ?? "no code"
    })${more}`,
  );
}

function parseInput(json: Json): A2aInput {
  const input = isJsonObject(json) ? json : {};
  return {
    agentCard: member(input, "agentCard") ?? null,
    server: member(input, "server") ?? null,
    method: String(member(input, "method") ?? ""),
    parameters: member(input, "parameters") ?? null,
  };
}
