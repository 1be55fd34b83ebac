/**
 * Tokens as messages of the contract.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Token,
  TokenSchema,
} from "../../gen/stigmer/backend/v1/token_pb.ts";
import type { Database } from "../store/driver.ts";
import { tokenById, type TokenRow } from "../store/tokens.ts";

/** Makes the message of a token. */
export function tokenMessage(token: TokenRow): Token {
  const { createdAtMs, expiresAtMs, lastUsedAtMs, revokedAtMs } = token;
  return create(TokenSchema, {
    id: token.id,
    name: token.name,
    role: token.role,
    prefix: token.prefix,
    createdBy: token.createdBy,
    createdAt: timestampFromMs(createdAtMs),
    ...(expiresAtMs === undefined
      ? {}
      : { expiresAt: timestampFromMs(expiresAtMs) }),
    ...(lastUsedAtMs === undefined
      ? {}
      : { lastUsedAt: timestampFromMs(lastUsedAtMs) }),
    ...(revokedAtMs === undefined
      ? {}
      : { revokedAt: timestampFromMs(revokedAtMs) }),
  });
}

/** The message of the token of an id, or `undefined` when it is gone. */
export function tokenOfId(database: Database, id: string): Token | undefined {
  const token = tokenById(database, id);
  return token === undefined ? undefined : tokenMessage(token);
}
