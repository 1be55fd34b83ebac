/**
 * Checks how access to a tool server is asked for by OAuth.
 *
 * @module
 */

import type { McpOAuth } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import { didYouMean } from "../model/near.ts";
import { error } from "./_check_rules.ts";

const GRANTS = ["authorization_code", "client_credentials"] as const;
const ALGORITHMS = ["ES256", "RS256"] as const;
/** Scopes that are asked for at the most. */
const SCOPES_MAX = 64;
const SCOPE_REGEXP = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/;
/** A secret that is named, with nothing around it. */
const NAMED_REGEXP = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;

/** Checks what stands at a pointer. */
export function checkOAuth(oauth: McpOAuth, pointer: string): Diagnostic[] {
  return [
    ...checkWords(oauth, pointer),
    ...checkScopes(oauth, pointer),
    ...checkClient(oauth, pointer),
    ...checkSecrets(oauth, pointer),
    ...checkMetadataUrl(oauth, `${pointer}/clientMetadataUrl`),
    ...checkIssuer(oauth, `${pointer}/issuer`),
  ];
}

function checkWords(
  { grant, algorithm, privateKey }: McpOAuth,
  pointer: string,
): Diagnostic[] {
  const found: Diagnostic[] = [];
  if (grant !== "" && !GRANTS.some((it) => it === grant)) {
    const message = `Grant "${grant}" is not known, it is one of ` +
      GRANTS.join(", ");
    found.push(error(`${pointer}/grant`, message, didYouMean(grant, GRANTS)));
  }
  const place = `${pointer}/algorithm`;
  if (algorithm !== "" && !ALGORITHMS.some((it) => it === algorithm)) {
    const message = `Algorithm "${algorithm}" is not known, it is one of ` +
      ALGORITHMS.join(", ");
    found.push(error(place, message));
  } else if (algorithm !== "" && privateKey === "") {
    const message = '"algorithm" says how "privateKey" signs, which is missing';
    found.push(error(place, message));
  }
  return found;
}

function checkScopes({ scopes }: McpOAuth, pointer: string): Diagnostic[] {
  const root = `${pointer}/scopes`;
  const found = scopes.flatMap((scope, i) =>
    SCOPE_REGEXP.test(scope) ? [] : [
      error(pointerTo(root, i), `"${scope}" is no scope`, {
        hint: "Write each scope as an item of its own, without spaces",
      }),
    ]
  );
  if (scopes.length > SCOPES_MAX) {
    const message =
      `There may be ${SCOPES_MAX} scopes, these are ${scopes.length}`;
    found.push(error(root, message));
  }
  return found;
}

function checkClient(oauth: McpOAuth, pointer: string): Diagnostic[] {
  const { clientId, clientSecret, privateKey, grant } = oauth;
  if (grant === "client_credentials") {
    const isKnown = clientId !== "" &&
      (clientSecret !== "" || privateKey !== "");
    return isKnown ? [] : [
      error(pointer, 'A client that asks for itself needs "clientId"', {
        hint: 'Add "clientId", with "clientSecret" or "privateKey"',
      }),
    ];
  }
  if (clientId !== "") return [];
  const field = [["clientSecret", clientSecret], ["privateKey", privateKey]]
    .find(([, value]) => value !== "")?.[0];
  if (field === undefined) return [];
  const message = `"${field}" is that of a client, whose "clientId" is missing`;
  return [error(`${pointer}/${field}`, message)];
}

function checkSecrets(
  { clientSecret, privateKey }: McpOAuth,
  pointer: string,
): Diagnostic[] {
  const fields = { clientSecret, privateKey };
  const plain = Object.entries(fields)
    .filter(([, value]) => value !== "" && !NAMED_REGEXP.test(value))
    .map(([field]) =>
      error(`${pointer}/${field}`, `"${field}" must not stand here as it is`, {
        hint: 'Name a secret of the run: "${CLIENT_SECRET}"',
      })
    );
  if (clientSecret === "" || privateKey === "") return plain;
  const message = 'A client has "clientSecret" or "privateKey", not both';
  return [...plain, error(`${pointer}/privateKey`, message)];
}

function checkMetadataUrl(
  { clientMetadataUrl, clientId }: McpOAuth,
  pointer: string,
): Diagnostic[] {
  if (clientMetadataUrl === "") return [];
  const url = URL.parse(clientMetadataUrl);
  if (url?.protocol !== "https:" || url.pathname === "/") {
    const message =
      `"${clientMetadataUrl}" is no address of a client, write it as ` +
      '"https://HOST/PATH"';
    return [error(pointer, message)];
  }
  if (clientId === "") return [];
  const message = '"clientMetadataUrl" takes the place of "clientId"';
  return [error(pointer, message, { hint: "Remove one of the two" })];
}

function checkIssuer({ issuer }: McpOAuth, pointer: string): Diagnostic[] {
  const protocol = URL.parse(issuer)?.protocol;
  if (issuer === "" || protocol === "https:" || protocol === "http:") return [];
  const message = `"${issuer}" is no authority, write it as "https://HOST"`;
  return [error(pointer, message)];
}
