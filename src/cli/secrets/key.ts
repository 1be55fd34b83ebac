/**
 * How the master key of a backend is shown, and what to know about it.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type VaultStatus,
  VaultStatusSchema,
} from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Backend } from "../../backend/open.ts";
import { StigmerError } from "../../model/error.ts";
import type { Context } from "../context.ts";
import { type Fact, timeFact, type View } from "../view.ts";

/** The variables that give a key, with the place that reads each. */
const KEY_VARIABLES = [
  ["STIGMER_MASTER_KEY", "env"],
  ["STIGMER_MASTER_KEY_FILE", "env-file"],
] as const;

/** How the master key is shown. */
export const VAULT_VIEW: View<VaultStatus> = {
  columns: [],
  identify: (it) => it.keyId,
  json: (it) => toJson(VaultStatusSchema, it, { alwaysEmitImplicit: true }),
  describe: (it, nowMs) => [
    [
      "Key",
      it.keyId === "" ? "none yet, the first secret makes one" : it.keyId,
    ],
    [it.keyId === "" ? "Would be in" : "Kept in", placeText(it)],
    ["Because", it.reason],
    ["Usable", usableText(it)],
    ["Problem", it.problem],
    ["Way out", it.hints.join("\n")],
    ["Made", timeFact(it.createdAt, nowMs)],
    ...sealedFacts(it),
    ["Retired keys", it.retiredKeyIds.join("\n")],
    ["Rotating to", rotatingText(it)],
  ],
};

function usableText({ keyId, usable }: VaultStatus): string {
  if (keyId === "") return "";
  return usable ? "yes" : "no";
}

function sealedFacts(it: VaultStatus): readonly Fact[] {
  const secrets = counted(it.secretCount, "secret");
  const environments = counted(it.environmentCount, "environment");
  return [
    ["Sealed", `${secrets} of ${environments}`],
    [
      "In use",
      it.executionCount === 0
        ? ""
        : `by ${counted(it.executionCount, "execution")} under way`,
    ],
    ["Data keys", `${it.dataKeyCount}`],
  ];
}

function rotatingText({ rotatingToKeyId }: VaultStatus): string {
  return rotatingToKeyId === ""
    ? ""
    : `${rotatingToKeyId}, go on with: stigmer secrets rotate`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Says where a key is kept: the place as its option names it, and where there. */
export function placeText({ source, location }: VaultStatus): string {
  return location === ""
    ? source
    : `${source}: ${inWords({ source, location })}`;
}

/** Paths stand in quotes. */
export function inWords(
  { source, location }: Pick<VaultStatus, "source" | "location">,
): string {
  const isFile = source === "key-file" || source === "env-file";
  return isFile && /[\\/]/.test(location) ? `"${location}"` : location;
}

/** Says that a server made its key, for its keeper to look after. */
export function serverKeyText({ keyId }: VaultStatus): string {
  return `The server made its master key ${keyId}, which seals secrets\n` +
    "  Whoever runs it must keep a copy: stigmer secrets status";
}

/** Says what there is to know about the key that was made or found. */
export function keyText(
  status: VaultStatus,
  options: { readonly created: boolean },
): string {
  const word = wordOf(status, options);
  const lines = [
    `${word} master key ${status.keyId}, which seals secrets, in ${
      placeText(status)
    }`,
    ...(options.created ? [`  Why there: ${status.reason}`] : []),
    `  ${adviceOf(status)}`,
  ];
  return lines.join("\n");
}

function wordOf(
  { source }: VaultStatus,
  { created }: { readonly created: boolean },
): string {
  if (!created) return "Found";
  return source === "env" || source === "env-file" ? "Took your" : "Made";
}

/** What whoever has a key there should do about it. */
function adviceOf({ source, location }: VaultStatus): string {
  switch (source) {
    case "env":
    case "env-file":
      return `Give ${
        inWords({ source, location })
      } to every command and worker: without it no secret can be opened`;
    case "key-file":
      return "Keep a copy of that file, and not beside a copy of the database: " +
        "whoever has both can read the secrets";
    default:
      return "It stays with your account on this machine: a copy of the " +
        "database alone is of no use elsewhere";
  }
}

/** Warns of what somebody gave that is not used, or open to others. */
export function warnOfKeys(
  context: Context,
  options: { readonly backend: Backend; readonly status: VaultStatus },
): void {
  const { backend, status } = options;
  // The variables of this process say nothing about a server's.
  if (backend.type !== "local") return;
  for (const text of keyWarnings(context, status)) context.io.warn(text);
}

/** Says what somebody should know of the keys that were given. */
export function keyWarnings(
  context: Pick<Context, "host">,
  status: VaultStatus,
): readonly string[] {
  // Without a place there is a problem, which says more.
  if (status.source === "") return [];
  return [...unusedKeys(context, status), ...openFiles(context, status)];
}

/** The keys that are given and not used, and the way out. */
function unusedKeys(
  { host }: Pick<Context, "host">,
  status: VaultStatus,
): readonly string[] {
  const isSet = (name: string): boolean => (host.env.get(name) ?? "") !== "";
  return KEY_VARIABLES
    .filter(([name, source]) => isSet(name) && status.source !== source)
    .map(([name, source]) =>
      `${name} is set and not used: ${
        status.keyId === ""
          ? `the key would be in ${placeText(status)}; ` +
            `use it with: stigmer init --key-source ${source}`
          : `the key is in ${placeText(status)}`
      }`
    );
}

/** Permission bits of those who do not own a file. */
const OTHERS = 0o077;

/**
 * The file of a key that others can read. It is used all the same: those that
 * are mounted into containers are often so.
 */
function openFiles(
  { host }: Pick<Context, "host">,
  { source, location }: VaultStatus,
): readonly string[] {
  if (source !== "env-file" || host.platform.os === "windows") return [];
  const info = host.files.stat(location);
  if (info?.kind !== "file" || ((info.mode ?? 0) & OTHERS) === 0) return [];
  return [
    `The key in "${location}" can be read by others; unless they cannot get ` +
    `there, close it with: chmod 600 "${location}"`,
  ];
}

/** Takes the status out of an answer, which always has one. */
export function statusIn(
  answer: { readonly status?: VaultStatus | undefined },
): VaultStatus {
  if (answer.status !== undefined) return answer.status;
  throw new StigmerError(
    "INTERNAL",
    "The backend gave no status of its master key",
  );
}
