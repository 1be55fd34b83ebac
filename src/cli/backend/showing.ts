/**
 * Says which backend is used, who chose it, and whether it answers.
 *
 * @module
 */

import type { GetBackendInfoResponse } from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import { toStigmerError } from "../../backend/errors.ts";
import type { Backend } from "../../backend/open.ts";
import type { StigmerError } from "../../model/error.ts";
import { isJsonObject, type Json } from "../../model/json.ts";
import { VERSION } from "../../model/version.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { joinPath } from "../path.ts";
import { type Fact, showOne, type View } from "../view.ts";
import {
  type BackendChoice,
  choiceNamed,
  chooseBackend,
  type CloudChoice,
} from "./choice.ts";
import { expiryWarning, INFO_VIEW, skewOf } from "./info_view.ts";
import { findToken, openWith } from "./opening.ts";
import { type FoundToken, placeOf } from "./token_words.ts";

const DATABASE_NAME = "stigmer.db";

/** What is known of a backend. */
interface Status {
  readonly choice: BackendChoice;
  /** Path of the database, or the endpoint. */
  readonly location: string;
  readonly token: FoundToken | undefined;
  readonly answer:
    | {
      readonly kind: "reached";
      readonly info: GetBackendInfoResponse;
      readonly latencyMs: number;
    }
    | { readonly kind: "failed"; readonly error: StigmerError }
    /** A database that nothing was stored in yet. */
    | { readonly kind: "absent" };
}

const STATUS_VIEW: View<Status> = {
  columns: [],
  identify: (it) => it.location,
  json: statusJson,
  describe: (it, nowMs) => [
    ...choiceFacts(it),
    ...answerFacts(it, nowMs),
  ],
};

/** Shows the backend that is used, or the one of a name. */
export async function showStatus(
  context: Context,
  name: string | undefined,
): Promise<Ending> {
  const { settings, io, host } = context;
  const choice = name === undefined
    ? chooseBackend(settings)
    : choiceNamed(settings, name);
  const status = choice.kind === "local"
    ? await localStatus(context, choice)
    : await serverStatus(context, choice);
  await showOne(context, STATUS_VIEW, status);
  if (status.answer.kind === "failed") throw status.answer.error;
  if (status.answer.kind === "absent") return "ok";
  const warning = expiryWarning(status.answer.info, host.clock.now());
  if (warning !== undefined) io.warn(warning);
  return "ok";
}

async function localStatus(
  context: Context,
  choice: BackendChoice,
): Promise<Status> {
  const { host, settings } = context;
  const location = settings.databasePath ??
    joinPath(host, settings.home, DATABASE_NAME);
  // To look must not make one.
  if (host.files.stat(location) === undefined) {
    return { choice, location, token: undefined, answer: { kind: "absent" } };
  }
  const local = { ...context, settings: { ...settings, mayBeCloud: false } };
  return {
    choice,
    location,
    token: undefined,
    answer: await ask(context, () => openFor(local)),
  };
}

async function serverStatus(
  context: Context,
  choice: CloudChoice,
): Promise<Status> {
  const { endpoint: location } = choice;
  let token: FoundToken | undefined;
  const answer = await ask(context, async () => {
    token = await findToken(context, choice);
    return await openWith(context, choice, token);
  });
  return { choice, location, token, answer };
}

/** Asks a backend about itself, and once more to see how long that takes. */
async function ask(
  context: Context,
  open: () => Promise<Backend>,
): Promise<Status["answer"]> {
  const { host: { clock }, signal } = context;
  try {
    await using backend = await open();
    const info = await backend.client.getBackendInfo({}, { signal });
    const startedAtMs = clock.monotonic();
    await backend.client.getBackendInfo({}, { signal });
    const latencyMs = clock.monotonic() - startedAtMs;
    return { kind: "reached", info, latencyMs };
  } catch (thrown) {
    // What is known is shown first; then it is thrown on.
    return { kind: "failed", error: toStigmerError(thrown) };
  }
}

function choiceFacts(status: Status): readonly Fact[] {
  const { choice, location } = status;
  return [
    ["Backend", choice.kind],
    ["Context", choice.kind === "cloud" ? choice.name : ""],
    ["Chosen by", choice.by.words],
    [choice.kind === "cloud" ? "Endpoint" : "Location", location],
    ["Logged in", choice.kind === "local" ? "" : loginText(status)],
  ];
}

function loginText({ token, answer }: Status): string {
  if (token !== undefined) return `with the token from ${placeOf(token)}`;
  return answer.kind === "reached" ? "no token is needed" : "no token is known";
}

/** What {@linkcode choiceFacts} says already. */
const SAID: readonly string[] = ["Backend", "Location"];

function answerFacts({ answer }: Status, nowMs: number): readonly Fact[] {
  if (answer.kind === "failed") return [["Answers", "no"]];
  if (answer.kind === "absent") {
    return [["Database", "none yet, it is made when it is first used"]];
  }
  const facts = INFO_VIEW.describe(answer.info, nowMs)
    .filter(([label]) => !SAID.includes(label));
  return [["Latency", `${answer.latencyMs.toFixed(1)} ms`], ...facts];
}

function statusJson({ choice, location, token, answer }: Status): Json {
  const known = {
    type: choice.kind,
    context: choice.name,
    chosenBy: { origin: choice.by.origin, words: choice.by.words },
    location,
    ...(choice.kind === "cloud" ? { tokenFrom: token?.place ?? "none" } : {}),
    reachable: answer.kind !== "failed",
  };
  if (answer.kind === "absent") {
    return { ...known, databaseExists: false, clientVersion: VERSION };
  }
  if (answer.kind === "failed") {
    const { code, message, hints } = answer.error;
    return { ...known, problem: { code, message, hints: [...hints] } };
  }
  const { info, latencyMs } = answer;
  const json = INFO_VIEW.json(info);
  return {
    ...(isJsonObject(json) ? json : {}),
    ...known,
    latencyMs: Math.round(latencyMs * 10) / 10,
    clientVersion: VERSION,
    versionSkew: skewOf(info.version),
  };
}
