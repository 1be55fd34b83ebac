/**
 * Where a call came from: what a server knows of it besides who calls.
 *
 * @module
 */

import { type ContextKey, createContextKey } from "@connectrpc/connect";

/** Where a call came from. */
export interface CallOrigin {
  /** Address of who calls, without its port; empty in process. */
  readonly remoteAddress: string;
  /** Id of the request; empty in process. */
  readonly requestId: string;
}

/** The origin of a call, in the values of its context. */
export const CALL_ORIGIN: ContextKey<CallOrigin> = createContextKey<
  CallOrigin
>({ remoteAddress: "", requestId: "" });
