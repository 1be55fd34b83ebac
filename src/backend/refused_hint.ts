/**
 * What to do when a server refuses who calls: only who opened the backend knows
 * where the token came from.
 *
 * @module
 */

import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { ErrorDetailSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";

/**
 * Says what to do when a server does not take the token.
 *
 * @param role The role that the call needs, when the token's is too low.
 */
export type RefusedHint = (role: string | undefined) => string;

/** How a server says which role is missing. */
const ROLE_HINT_REGEXP = /^Log in with a token of the role ([a-z]+): /;

/** Replaces the hint of a refusal, which knows only of `stigmer login`. */
export function hintAtRefusals(hint: RefusedHint): Interceptor {
  return (next) => async (request) => {
    try {
      const response = await next(request);
      if (!response.stream) return response;
      return { ...response, message: hinted(response.message, hint) };
    } catch (error) {
      throw withHint(error, hint);
    }
  };
}

async function* hinted<T>(
  messages: AsyncIterable<T>,
  hint: RefusedHint,
): AsyncGenerator<T, void, void> {
  try {
    yield* messages;
  } catch (error) {
    throw withHint(error, hint);
  }
}

function withHint(thrown: unknown, hint: RefusedHint): unknown {
  if (!(thrown instanceof ConnectError)) return thrown;
  const { code, rawMessage, metadata } = thrown;
  const detail = thrown.findDetails(ErrorDetailSchema).at(0);
  const before = detail?.hints ?? [];
  const hints = code === Code.Unauthenticated
    ? [hint(undefined)]
    : before.map((it) => {
      const role = ROLE_HINT_REGEXP.exec(it)?.[1];
      return role === undefined ? it : hint(role);
    });
  if (hints.every((it, i) => it === before[i])) return thrown;
  return new ConnectError(rawMessage, code, metadata, [{
    desc: ErrorDetailSchema,
    value: { hints, diagnostics: detail?.diagnostics ?? [] },
  }], thrown);
}
