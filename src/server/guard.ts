/**
 * Who may call a server, and what: the one place that is asked.
 *
 * @module
 */

import { ConnectError } from "@connectrpc/connect";
import type { Access, Refusal } from "../backend/access.ts";
import type { Caller } from "../backend/caller.ts";
import { toStigmerError } from "../backend/errors.ts";
import type { Host } from "../host/host.ts";
import { createAudit } from "./audit.ts";
import { createRecogniser } from "./authenticate.ts";
import { type AskedMethod, refuseRole } from "./authorize.ts";
import type { AskingPeer, Verdict } from "./calls.ts";
import { createHolds, type Hold } from "./holds.ts";
import { callerAddress } from "./throttle.ts";

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
    identity: caller?.identity ?? "",
    tokenId: caller?.tokenId ?? "",
    subject: peer.subject ?? "",
    code: toStigmerError(error).code,
    detail: error.rawMessage,
    remoteAddress: callerAddress(peer.address),
    requestId: peer.requestId,
  };
}
