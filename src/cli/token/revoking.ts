/**
 * Revokes access tokens.
 *
 * @module
 */

import type { Token } from "../../../gen/stigmer/backend/v1/token_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import { notFound, StigmerError } from "../../model/error.ts";
import { PAGE_SIZE_MAX } from "../../model/limits.ts";
import { didYouMean } from "../../model/near.ts";
import { hideTokens } from "../../model/token.ts";
import type { Ending } from "../command.ts";
import { confirmAct } from "../confirm.ts";
import { type Context, openFor } from "../context.ts";
import { collectPages } from "../listing.ts";
import { showOne } from "../view.ts";
import { TOKEN_VIEW } from "./resource.ts";

/** Revokes tokens; none when one of them is not in force. */
export async function revokeTokens(
  context: Context,
  names: readonly string[],
  { yes }: { readonly yes: boolean },
): Promise<Ending> {
  const { io, signal } = context;
  await using backend = await openFor(context);
  const { client } = backend;
  const tokens = await tokensNamed(context, client, [...new Set(names)]);
  const what = tokens.map((it) => `token "${it.name}"`);
  const act = { verb: "revoke", done: "revoked", what, yes };
  if (!await confirmAct(context, act)) return "CANCELLED";
  for (const { id } of tokens) {
    const { token } = await client.revokeToken({ name: id }, { signal });
    if (token === undefined) throw notFound("token", id);
    if (io.format !== "table" && io.format !== "wide") {
      await showOne(context, TOKEN_VIEW, token);
    } else if (!io.quiet) io.data(`token/${token.name} revoked`);
  }
  return "ok";
}

/** The tokens that are meant, all of them in force. */
async function tokensNamed(
  { signal }: Context,
  client: BackendClient,
  words: readonly string[],
): Promise<readonly Token[]> {
  const all = { limit: undefined, pageToken: undefined, all: true };
  const { items } = await collectPages(all, async ({ token }) => {
    const page = { size: PAGE_SIZE_MAX, token };
    const answer = await client.listTokens({ page }, { signal });
    return { items: answer.tokens, nextPageToken: answer.nextPageToken };
  });
  return words.map((word) => {
    const found = items.find((it) => it.id === word || it.name === word);
    if (found !== undefined) return found;
    const { hint } = didYouMean(word, items.map((it) => it.name));
    throw new StigmerError(
      "NOT_FOUND",
      `Cannot find a token "${hideTokens(word)}" that is in force`,
      { hints: [hint ?? "stigmer token list"] },
    );
  });
}
