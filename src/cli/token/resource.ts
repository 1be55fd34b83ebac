/**
 * Access tokens: how they are listed and shown.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Token,
  TokenSchema,
} from "../../../gen/stigmer/backend/v1/token_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import type { Ending, OptionValues } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { formatAge } from "../duration.ts";
import { collectPages, type ListOptions } from "../listing.ts";
import { ageOf, showPage, timeFact, type View } from "../view.ts";

/** Names that a shell is offered at the most. */
const OFFERED_MAX = 100;

/** How tokens are shown. */
export const TOKEN_VIEW: View<Token> = {
  columns: [
    { header: "NAME", value: (it) => it.name },
    { header: "ROLE", value: (it) => it.role },
    { header: "TOKEN", value: (it) => `${it.prefix}…` },
    { header: "GOOD FOR", right: true, value: stateText },
    {
      header: "LAST USED",
      right: true,
      value: (it, nowMs) => ageOf(it.lastUsedAt, nowMs),
    },
    {
      header: "AGE",
      right: true,
      value: (it, nowMs) => ageOf(it.createdAt, nowMs),
    },
    { header: "MADE BY", wide: true, value: (it) => it.createdBy },
    { header: "ID", wide: true, whole: true, value: (it) => it.id },
  ],
  identify: (it) => it.name,
  json: (it) => toJson(TokenSchema, it),
  describe: (it, nowMs) => [
    ["Name", it.name],
    ["Id", it.id],
    ["Role", it.role],
    ["Token", `${it.prefix}…`],
    ["Good for", stateText(it, nowMs)],
    ["Last used", timeFact(it.lastUsedAt, nowMs)],
    ["Made", timeFact(it.createdAt, nowMs)],
    ["Made by", it.createdBy],
    ["Revoked", timeFact(it.revokedAt, nowMs)],
  ],
};

/** How long a token is good yet. */
function endText({ expiresAt }: Token, nowMs: number): string {
  if (expiresAt === undefined) return "no end";
  const leftMs = timestampMs(expiresAt) - nowMs;
  return leftMs <= 0 ? "expired" : formatAge(leftMs);
}

function stateText(token: Token, nowMs: number): string {
  return token.revokedAt === undefined ? endText(token, nowMs) : "revoked";
}

/** Lists tokens, newest first. */
export async function listTokens(
  context: Context,
  options:
    & Pick<OptionValues<ListOptions>, "limit" | "pageToken" | "all">
    & { readonly ended: boolean },
): Promise<Ending> {
  await using backend = await openFor(context);
  const page = await collectPages(options, async (query) => {
    const answer = await backend.client.listTokens(
      { page: query, includeEnded: options.ended },
      { signal: context.signal },
    );
    return { items: answer.tokens, nextPageToken: answer.nextPageToken };
  });
  await showPage(context, TOKEN_VIEW, page);
  return "ok";
}

/** Names of tokens in force, for shells. */
export async function offeredTokens(
  client: BackendClient,
  call: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const page = { size: OFFERED_MAX, token: "" };
  const { tokens } = await client.listTokens({ page }, call);
  return tokens.map((it) => it.name);
}
