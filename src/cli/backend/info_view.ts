/**
 * How what a backend says about itself is shown.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type GetBackendInfoResponse,
  GetBackendInfoResponseSchema,
} from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import { VERSION } from "../../model/version.ts";
import { formatAge } from "../duration.ts";
import { sizeText } from "../../model/size_text.ts";
import { timeFact, type View } from "../view.ts";

/** How early it is said that a token ends. */
const EXPIRY_WARNED_MS = 7 * 86_400_000;

/** How what a backend says about itself is shown. */
export const INFO_VIEW: View<GetBackendInfoResponse> = {
  columns: [],
  identify: (it) => it.location,
  json: (it) => toJson(GetBackendInfoResponseSchema, it),
  describe: (it, nowMs) => [
    ["Backend", it.type],
    ["Version", versionText(it.version)],
    ["Location", it.location],
    ["Engine", it.engine],
    ["Schema", `${it.schemaVersion}`],
    ["Size", sizeText(Number(it.sizeBytes))],
    ["Identity", it.identity],
    ["Role", it.role],
    ["Token", tokenText(it)],
    ["Expires", expiryText(it.token?.expiresAt, nowMs)],
    ["Workers", it.workerSlots === 0 ? "" : `${it.workerSlots}`],
    ["Started", timeFact(it.startedAt, nowMs)],
    [
      "Holds",
      Object.entries(it.counts).filter(([, count]) => count > 0)
        .map(([kind, count]) => `${count} ${kind}`).join("\n"),
    ],
  ],
};

/** Says a version, and how it differs from that of this program. */
export function versionText(version: string): string {
  const order = compareVersions(version, VERSION);
  if (order === 0) return version;
  return `${version}, ${order < 0 ? "older" : "newer"} than this program, ` +
    `which is ${VERSION}`;
}

/** Says how a server's version differs, as one word of JSON. */
export function skewOf(version: string): "none" | "older" | "newer" {
  const order = compareVersions(version, VERSION);
  return order === 0 ? "none" : order < 0 ? "older" : "newer";
}

/** Below 0 when the first is the older one. */
function compareVersions(one: string, other: string): number {
  const [first, second] = [one, other].map((it) =>
    it.split(/[.+-]/).map((part) => Number(part))
  );
  for (let i = 0; i < 3; i++) {
    const order = (first?.[i] || 0) - (second?.[i] || 0);
    if (order !== 0) return order;
  }
  return 0;
}

/** Warns when the caller's token ends soon. */
export function expiryWarning(
  { token }: GetBackendInfoResponse,
  nowMs: number,
): string | undefined {
  if (token?.expiresAt === undefined) return undefined;
  const leftMs = timestampMs(token.expiresAt) - nowMs;
  if (leftMs > EXPIRY_WARNED_MS) return undefined;
  return `Token "${token.name}" ends in ${formatAge(leftMs)}, have a new one ` +
    `made with: stigmer token create NAME --role ${token.role}`;
}

function tokenText({ token }: GetBackendInfoResponse): string {
  return token === undefined ? "" : `${token.name} (${token.prefix}…)`;
}

function expiryText(at: Timestamp | undefined, nowMs: number): string {
  if (at === undefined) return "";
  const atMs = timestampMs(at);
  const time = new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
  return `${time} (in ${formatAge(atMs - nowMs)})`;
}
