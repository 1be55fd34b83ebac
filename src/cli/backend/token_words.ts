/**
 * Where a token is from, and what to do when it is refused, in words.
 *
 * @module
 */

import { type CloudChoice, UNNAMED } from "./choice.ts";

/** Where a token was found. */
export type TokenPlace = "environment" | "config" | "keychain" | "file";

/** A token and where it was found. */
export type FoundToken =
  & { readonly text: string }
  & (
    | { readonly place: "environment"; readonly variable: TokenVariable }
    | { readonly place: Exclude<TokenPlace, "environment"> }
  );

/** What of the environment gives a token. */
export type TokenVariable = "STIGMER_TOKEN" | "STIGMER_TOKEN_FILE";

/** A token of a login, which is kept only when it is good. */
export interface TypedToken {
  readonly text: string;
  readonly place: "input";
}

/** Says where a token was found, as `the keychain`. */
export function placeOf(token: FoundToken): string {
  switch (token.place) {
    case "environment":
      return token.variable === "STIGMER_TOKEN"
        ? "STIGMER_TOKEN"
        : "the file of STIGMER_TOKEN_FILE";
    case "config":
      return "config.yaml";
    case "keychain":
      return "the keychain";
    case "file":
      return "credentials.yaml";
  }
}

/**
 * Says how a server comes to take the next call.
 *
 * @param role The role that was missing, if that was it.
 */
export function wayIn(
  token: FoundToken | TypedToken | undefined,
  choice: Pick<CloudChoice, "name" | "endpoint">,
  role: string | undefined,
): string {
  const of = role === undefined ? "" : ` of the role ${role}`;
  const login = loginLine(choice);
  if (token === undefined) {
    return `Put a token${of} into STIGMER_TOKEN, or log in with: ${login}`;
  }
  switch (token.place) {
    case "input":
      return "Have a new one made by an admin of the server: " +
        `stigmer token create NAME --role ${role ?? "editor"}`;
    case "environment":
      return `The token is that of ${token.variable}, which comes before that ` +
        `of a login: put a good one${of} there, or unset it`;
    case "config":
    case "keychain":
    case "file":
      return `The token is that of ${placeOf(token)}: put a good one${of} in ` +
        `its place with: ${login}`;
  }
}

/** The command that logs in to a server. */
function loginLine(
  { name, endpoint }: Pick<CloudChoice, "name" | "endpoint">,
): string {
  const option = name === UNNAMED || name === "" ? "" : ` --name ${name}`;
  return `stigmer login --endpoint ${endpoint}${option}`;
}
