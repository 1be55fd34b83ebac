/**
 * The RPCs of access tokens: who makes one sees its text once.
 *
 * @module
 */

import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { Duration } from "@bufbuild/protobuf/wkt";
import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { CreateTokenRequest } from "../../gen/stigmer/backend/v1/token_pb.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { newId } from "../model/id.ts";
import { didYouMean } from "../model/near.ts";
import { parseRole, type Role, ROLES } from "../model/role.ts";
import { isSlug, slugOf } from "../model/slug.ts";
import {
  hideTokens,
  newTokenText,
  TOKEN_EXPIRY_MS_MAX,
  TOKEN_EXPIRY_MS_MIN,
  TOKEN_RANDOM_BYTES,
  TOKEN_SHOWN_LENGTH,
  tokenHash,
  type TokenText,
} from "../model/token.ts";
import {
  insertToken,
  listTokens,
  newestToken,
  revokeToken,
  tokenById,
  tokenInForce,
  tokenNames,
  type TokenRow,
} from "../store/tokens.ts";
import { noteAudit } from "./audit_events.ts";
import { idSource, type ServiceDeps } from "./deps.ts";
import { tokenMessage } from "./token_message.ts";

/** The RPCs of tokens. */
export type TokenService = Pick<
  ServiceImpl<typeof BackendService>,
  "createToken" | "listTokens" | "revokeToken"
>;

/** First part of the ids of tokens. */
const ID_PREFIX = "tok";
/** Names that are looked through for one that is near. */
const NAMES_MAX = 1000;

/** Makes the RPCs of tokens. */
export function tokenService(deps: ServiceDeps): TokenService {
  const { host, store: { database } } = deps;
  return {
    createToken(request, context) {
      const text = newTokenText(host.random.bytes(TOKEN_RANDOM_BYTES));
      const token = createToken(deps, context, { request, text });
      return { token: tokenMessage(token), text };
    },
    listTokens({ includeEnded, page }) {
      const { items, nextToken } = listTokens(
        database,
        { includeEnded, nowMs: host.clock.now() },
        { size: page?.size ?? 0, token: page?.token ?? "" },
      );
      return { tokens: items.map(tokenMessage), nextPageToken: nextToken };
    },
    revokeToken({ name }, context) {
      const token = database.transaction(() => revoke(deps, context, name));
      return { token: tokenMessage(token) };
    },
  };
}

function createToken(
  deps: ServiceDeps,
  context: HandlerContext,
  wanted: { readonly request: CreateTokenRequest; readonly text: TokenText },
): TokenRow {
  const { host, store: { database }, identity } = deps;
  const { request: { name, role: word, expiresIn }, text } = wanted;
  refuseBadName(name);
  const role = roleOf(word);
  const nowMs = host.clock.now();
  const token: TokenRow = {
    id: newId(ID_PREFIX, idSource(host)),
    name,
    role,
    hash: tokenHash(text),
    prefix: text.slice(0, TOKEN_SHOWN_LENGTH),
    createdAtMs: nowMs,
    createdBy: identity,
    ...(expiresIn === undefined
      ? {}
      : { expiresAtMs: nowMs + expiryMs(expiresIn) }),
  };
  database.transaction(() => {
    if (tokenInForce(database, name, nowMs) !== undefined) throw taken(name);
    insertToken(database, token);
    noteAudit(deps, context, {
      action: "token.create",
      subject: name,
      detail: `Role ${role}`,
    });
  });
  return token;
}

/** A token that is revoked already stays as it is. */
function revoke(
  deps: ServiceDeps,
  context: HandlerContext,
  word: string,
): TokenRow {
  const { host, store: { database } } = deps;
  const nowMs = host.clock.now();
  const token = requireToken(deps, word, nowMs);
  if (!revokeToken(database, token.id, nowMs)) return token;
  noteAudit(deps, context, { action: "token.revoke", subject: token.name });
  return { ...token, revokedAtMs: nowMs };
}

function requireToken(
  { store: { database } }: ServiceDeps,
  word: string,
  nowMs: number,
): TokenRow {
  if (word === "") throw invalidArgument("Say which token: name or id");
  const found = tokenById(database, word) ??
    tokenInForce(database, word, nowMs) ?? newestToken(database, word);
  if (found !== undefined) return found;
  // Who pastes the token itself must not see it in an error again.
  const shown = hideTokens(word);
  const names = tokenNames(database, { nowMs, limit: NAMES_MAX });
  const { hint } = didYouMean(word, names);
  throw new StigmerError(
    "NOT_FOUND",
    `Cannot find token "${shown}"`,
    { hints: [hint ?? "stigmer token list --ended"] },
  );
}

function refuseBadName(name: string): void {
  if (isSlug(name)) return;
  const slug = slugOf(name);
  throw invalidArgument(
    `Cannot name a token "${hideTokens(name)}": a name has 1 to 63 ` +
      "lower-case letters, digits and single hyphens",
    slug === undefined || hideTokens(name) !== name
      ? {}
      : { hints: [`Name it "${slug}"`] },
  );
}

function roleOf(word: string): Role {
  const role = parseRole(word);
  if (role !== undefined) return role;
  const { hint } = didYouMean(word, ROLES);
  throw invalidArgument(
    `Cannot give a token the role "${hideTokens(word)}": a role is one of ` +
      ROLES.join(", "),
    hint === undefined ? {} : { hints: [hint] },
  );
}

function expiryMs({ seconds, nanos }: Duration): number {
  const ms = Number(seconds) * 1000 + Math.trunc(nanos / 1_000_000);
  if (ms >= TOKEN_EXPIRY_MS_MIN && ms <= TOKEN_EXPIRY_MS_MAX) return ms;
  throw invalidArgument(
    `Cannot make a token that is good for ${ms / 1000} seconds: 1 minute to ` +
      "10 years are taken, or no end at all",
  );
}

function taken(name: string): StigmerError {
  return new StigmerError(
    "ALREADY_EXISTS",
    `Cannot make token "${name}": one of that name is in force`,
    { hints: [`stigmer token revoke ${name}`, "Choose another name"] },
  );
}
