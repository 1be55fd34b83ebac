/**
 * Says who calls by the token that came along.
 *
 * @module
 */

import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorDetailSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Access } from "../backend/access.ts";
import { type Caller, LOCAL_CALLER } from "../backend/caller.ts";
import type { Clock } from "../host/host.ts";
import type { Peer, Verdict } from "./calls.ts";
import { detourOf } from "./detour.ts";
import { callerAddress, createThrottle } from "./throttle.ts";

/** Says who calls. */
export type Recognise = (
  access: Access,
  headers: Headers,
  peer: Peer,
) => Recognised;

/** Who calls, or why nobody may and whose token it was. */
export interface Recognised {
  readonly verdict: Verdict;
  /** Whose token was refused, when that is known. */
  readonly bearer?: Caller;
}

/** Characters of the header at the most; a token with its scheme has 60. */
const HEADER_LENGTH_MAX = 128;
const BEARER_REGEXP = /^bearer +(\S+)$/i;
/** What tells a client how to prove who it is. */
const CHALLENGE = { "www-authenticate": 'Bearer realm="stigmer"' };

/** Makes what says who calls. */
export function createRecogniser(
  clock: Pick<Clock, "monotonic">,
): Recognise {
  const throttle = createThrottle(clock);
  return (access, headers, peer) => {
    const header = headers.get("authorization");
    if (header === null) return { verdict: withoutToken(headers, peer) };
    const judged = access.judge(tokenIn(header));
    // Whoever shares its address with someone who guesses goes on: by a proxy,
    // all share one, and nobody guesses 256 bits.
    if (judged.kind === "good") return { verdict: judged.caller };
    const address = callerAddress(peer.address);
    const heldMs = address === "" ? 0 : throttle.heldMs(address);
    if (heldMs > 0) return { verdict: heldOff(heldMs) };
    if (address !== "") throttle.failed(address);
    switch (judged.kind) {
      case "malformed":
      case "unknown":
        return { verdict: unknownToken() };
      case "expired":
      case "revoked":
        return {
          verdict: endedToken(judged.caller, judged.kind),
          bearer: judged.caller,
        };
    }
  };
}

/** Makes the error for a token that is good no more. */
export function endedToken(
  { identity }: Caller,
  how: "expired" | "revoked" | "ended",
): ConnectError {
  const name = identity.replace(/^token:/, "");
  const words = {
    expired: "it has expired",
    revoked: "it was revoked",
    ended: "it has expired or was revoked",
  };
  return unauthenticated(`Cannot call with token "${name}": ${words[how]}`);
}

/** Says who calls where no token is known: whoever needs none, and no other. */
export function unguarded(
  { headers }: { readonly headers: Headers },
  peer: Peer,
): Verdict {
  return headers.has("authorization")
    ? unknownToken()
    : withoutToken(headers, peer);
}

function withoutToken(headers: Headers, peer: Peer): Verdict {
  if (!peer.open) return unauthenticated("Cannot call without a token");
  const detour = detourOf(headers, peer);
  if (detour === undefined) return LOCAL_CALLER;
  return refusal(
    `Cannot call ${detour} without a token`,
    Code.PermissionDenied,
    {
      hints: [
        "Make a token and send it: stigmer token create NAME --role ROLE",
      ],
    },
  );
}

function tokenIn(header: string): string {
  if (header.length > HEADER_LENGTH_MAX) return "";
  return BEARER_REGEXP.exec(header)?.[1] ?? "";
}

function unknownToken(): ConnectError {
  return unauthenticated(
    "Cannot call with this token: the server does not know it",
  );
}

function unauthenticated(message: string): ConnectError {
  return refusal(message, Code.Unauthenticated, {
    hints: ["stigmer login"],
    metadata: CHALLENGE,
  });
}

function heldOff(heldMs: number): ConnectError {
  const seconds = Math.ceil(heldMs / 1000);
  return refusal(
    "Cannot call: this address tried too many tokens that are none",
    Code.ResourceExhausted,
    {
      hints: [`Try again in ${seconds} s`],
      metadata: { "retry-after": `${seconds}` },
    },
  );
}

/** Makes an error that says what to do, and what headers say of it. */
export function refusal(
  message: string,
  code: Code,
  options: {
    readonly hints: readonly string[];
    readonly metadata?: Readonly<{ [name: string]: string }>;
  },
): ConnectError {
  return new ConnectError(message, code, options.metadata, [{
    desc: ErrorDetailSchema,
    value: { hints: [...options.hints] },
  }]);
}
