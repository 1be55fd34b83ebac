/**
 * Refused calls that are past what is kept apart.
 *
 * @module
 */

/** What is told of such a call besides its code: nothing of who made it. */
export const UNTOLD_REFUSAL = {
  identity: "",
  tokenId: "",
  subject: "",
  detail: "More were refused than are told apart",
  remoteAddress: "",
  requestId: "",
} as const;
