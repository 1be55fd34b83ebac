/**
 * Who may call a server, and what: the one place that is asked.
 *
 * @module
 */

import { ConnectError } from "@connectrpc/connect";
import type { Access, Refusal } from "../backend/access.ts";
import type { CallOrigin } from "../backend/call_origin.ts";
import type { Caller } from "../backend/caller.ts";
import { toStigmerError } from "../backend/errors.ts";
import { redact } from "../backend/redaction.ts";
import type { Host } from "../host/host.ts";
import { createAudit } from "./audit.ts";
import { createRecogniser } from "./authenticate.ts";
import { type AskedMethod, refuseRole } from "./authorize.ts";
import type { AskingPeer, Verdict } from "./calls.ts";
import { createHolds, type Hold } from "./holds.ts";
import { callerAddress } from "./throttle.ts";

/** Characters of the words of a refusal that are kept. */
const DETAIL_LENGTH_MAX = 300;

/** A call that its service refused, though the role is enough for it. */
export interface DeniedCall {
  readonly caller: Caller;
  /** The name of the call. */
  readonly subject: string;
  readonly origin: CallOrigin;
  readonly error: ConnectError;
}

/** Says who may call, and what. */
export interface Guard extends AsyncDisposable {
  /** Says who calls; a refusal is written into the audit. */
  authenticate(
    request: { readonly headers: Headers },
    peer: AskingPeer,
  ): Promise<Verdict>;
  /** Says whether a caller may make a call; a refusal is written, too. */
  authorize(
    verdict: Verdict,
    method: AskedMethod,
    peer: AskingPeer,
  ): Verdict;
  /** Keeps a stream open as long as the token of its caller is good. */
  hold(caller: Caller): Hold;
  /** Writes down what a service refused. */
  denied(call: DeniedCall): void;
}

/** Makes what says who may call. */
export function createGuard(
  { host, access }: {
    readonly host: Pick<Host, "clock">;
    /** As the backend gives it. */
    readonly access: () => Promise<Access>;
  },
): Guard {
  const { clock } = host;
  const audit = createAudit({ clock, access });
  const holds = createHolds({ clock, access });
  const recognise = createRecogniser(clock);
  return {
    async authenticate({ headers }, peer) {
      const found = recognise(await access(), headers, peer);
      const { verdict, bearer } = found;
      if (verdict instanceof ConnectError) {
        audit.refused(refusalOf(verdict, { peer, caller: bearer }));
      } else if (verdict.tokenId !== undefined) audit.used();
      return verdict;
    },
    authorize(verdict, method, peer) {
      if (verdict instanceof ConnectError) return verdict;
      const refused = refuseRole(verdict, method);
      if (refused === undefined) return verdict;
      const from = { ...peer, subject: method.name };
      audit.refused(refusalOf(refused, { peer: from, caller: verdict }));
      return refused;
    },
    hold: (caller) => holds.hold(caller),
    denied: ({ caller, subject, origin, error }) =>
      audit.refused({ ...whatIs(caller, error), subject, ...origin }),
    async [Symbol.asyncDispose]() {
      holds[Symbol.dispose]();
      await audit.close();
    },
  };
}

function refusalOf(
  error: ConnectError,
  { peer, caller }: {
    readonly peer: AskingPeer;
    readonly caller: Caller | undefined;
  },
): Omit<Refusal, "timeMs" | "count"> {
  return {
    ...whatIs(caller, error),
    subject: peer.subject ?? "",
    remoteAddress: callerAddress(peer.address),
    requestId: peer.requestId,
  };
}

/** Who was refused, and why; what refuses may quote what came with the call. */
function whatIs(
  caller: Caller | undefined,
  error: ConnectError,
): Pick<Refusal, "identity" | "tokenId" | "code" | "detail"> {
  return {
    identity: caller?.identity ?? "",
    tokenId: caller?.tokenId ?? "",
    code: toStigmerError(error).code,
    detail: redact(error.rawMessage).slice(0, DETAIL_LENGTH_MAX)
      .toWellFormed(),
  };
}
