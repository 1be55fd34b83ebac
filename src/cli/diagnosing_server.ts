/**
 * Checks the server that is used: whether it answers and how fast, its
 * certificate, its release, the token, and the machine that it runs on.
 *
 * @module
 */

import type { GetBackendInfoResponse } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { toStigmerError } from "../backend/errors.ts";
import type { Backend } from "../backend/open.ts";
import { VERSION } from "../model/version.ts";
import type { CloudChoice } from "./backend/choice.ts";
import { expiryWarning, skewOf } from "./backend/info_view.ts";
import { type Check, checkOf, problemOf } from "./check.ts";
import type { Context } from "./context.ts";
import { openFor } from "./context.ts";

import { formatAge } from "./duration.ts";

const DAY_MS = 86_400_000;
/** How early it is said that a certificate ends. */
const CERTIFICATE_WARNED_MS: number = 14 * DAY_MS;
/** How long a certificate is waited for. */
const CERTIFICATE_TIMEOUT_MS = 3000;
const HTTPS_PORT = 443;
/** An answer that takes longer makes every command slow. */
const LATENCY_MS_MANY = 500;

/** Checks a server, and lets it check its machine. */
export async function checkServer(
  context: Context,
  choice: CloudChoice,
): Promise<readonly Check[]> {
  const certificate = await checkCertificate(context, choice);
  try {
    await using backend = await openFor(context);
    return [
      ...await checkAnswer(context, backend),
      ...certificate,
      ...await checkItsMachine(context, backend),
    ];
  } catch (thrown) {
    return [problemOf("server", toStigmerError(thrown)), ...certificate];
  }
}

async function checkAnswer(
  { host: { clock }, signal }: Context,
  { client, location }: Backend,
): Promise<readonly Check[]> {
  const info = await client.getBackendInfo({}, { signal });
  const startedAtMs = clock.monotonic();
  await client.getBackendInfo({}, { signal });
  const tookMs = Math.round(clock.monotonic() - startedAtMs);
  const isSlow = tookMs > LATENCY_MS_MANY;
  return [
    {
      name: "server",
      group: "server",
      state: isSlow ? "note" : "ok",
      detail: `${location} answers in ${tookMs} ms`,
      ...(isSlow ? { fix: "Use one that is nearer, or less busy" } : {}),
    },
    releaseCheck(info),
    tokenCheck(info, clock.now()),
  ];
}

function releaseCheck({ version }: GetBackendInfoResponse): Check {
  const looked = { name: "release", group: "server" };
  switch (skewOf(version)) {
    case "none":
      return { ...looked, state: "ok", detail: `both are ${version}` };
    case "older":
      return {
        ...looked,
        state: "note",
        detail: `the server is ${version}, older than this program, ${VERSION}`,
        fix: "Update the server",
      };
    case "newer":
      return {
        ...looked,
        state: "note",
        detail: `the server is ${version}, newer than this program, ${VERSION}`,
        fix: "Update this program",
      };
  }
}

function tokenCheck(info: GetBackendInfoResponse, nowMs: number): Check {
  const looked = { name: "token", group: "server" };
  const warning = expiryWarning(info, nowMs);
  const detail = `logged in as ${info.identity}, ${info.role}`;
  if (warning === undefined) return { ...looked, state: "ok", detail };
  return {
    ...looked,
    state: "note",
    detail: warning,
    fix: "Ask for a new one, and log in with it: stigmer login",
  };
}

/** Until when the certificate is good; a socket and plain text have none. */
async function checkCertificate(
  { host, signal }: Context,
  { endpoint }: CloudChoice,
): Promise<readonly Check[]> {
  const url = URL.parse(endpoint);
  if (url?.protocol !== "https:") return [];
  const endsAtMs = await host.network.certificateEndsAtMs({
    hostname: url.hostname.replaceAll(/^\[|\]$/g, ""),
    port: url.port === "" ? HTTPS_PORT : Number(url.port),
    signal: AbortSignal.any([
      signal,
      AbortSignal.timeout(CERTIFICATE_TIMEOUT_MS),
    ]),
  });
  if (endsAtMs === undefined) return [];
  const looked = { name: "certificate", group: "server" };
  const leftMs = endsAtMs - host.clock.now();
  const fix = "Renew it on the server, and restart that";
  if (leftMs <= 0) {
    const detail = `ended ${formatAge(-leftMs)} ago`;
    return [{ ...looked, state: "problem", detail, fix }];
  }
  const detail = `is good for ${formatAge(leftMs)}`;
  return leftMs < CERTIFICATE_WARNED_MS
    ? [{ ...looked, state: "note", detail, fix }]
    : [{ ...looked, state: "ok", detail }];
}

async function checkItsMachine(
  { signal }: Context,
  { client }: Backend,
): Promise<readonly Check[]> {
  try {
    const { findings } = await client.diagnoseBackend({}, { signal });
    return findings.map(checkOf);
  } catch (thrown) {
    return [problemOf("machine", toStigmerError(thrown))];
  }
}
