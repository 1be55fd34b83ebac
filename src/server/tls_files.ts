/**
 * The certificate and the key of a server, from their files.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { invalidArgument, messageOf } from "../model/error.ts";

/** The files, as the command line names them. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate with those that lead to its root, and its key, as PEM. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

const CERTIFICATE_REGEXP = /-----BEGIN CERTIFICATE-----/;
const KEY_REGEXP = /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----/;
const ENCRYPTED_REGEXP = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4/;

/**
 * Reads both files.
 *
 * @throws {StigmerError} INVALID_ARGUMENT when one cannot be read or is not
 * what it is to be; what is in it is not told.
 */
export async function readTlsFiles(
  host: Pick<Host, "files">,
  { certFile, keyFile }: TlsFiles,
): Promise<TlsPair> {
  const cert = await textOf(host, "--tls-cert", certFile);
  if (!CERTIFICATE_REGEXP.test(cert)) {
    throw invalidArgument(
      `Cannot use the certificate "${certFile}": it has no "BEGIN CERTIFICATE" (PEM)`,
      { hints: ["Give the certificate with its chain, as fullchain.pem"] },
    );
  }
  const key = await textOf(host, "--tls-key", keyFile);
  if (ENCRYPTED_REGEXP.test(key)) {
    throw invalidArgument(
      `Cannot use the key "${keyFile}": it is encrypted`,
      { hints: ["Decrypt it: openssl pkey -in KEY -out PLAIN_KEY"] },
    );
  }
  if (!KEY_REGEXP.test(key)) {
    throw invalidArgument(
      `Cannot use the key "${keyFile}": it has no "BEGIN PRIVATE KEY" (PEM)`,
    );
  }
  return { cert, key };
}

async function textOf(
  { files }: Pick<Host, "files">,
  option: string,
  path: string,
): Promise<string> {
  try {
    return await files.readText(path);
  } catch (error) {
    throw invalidArgument(
      `Cannot read "${path}" of "${option}": ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

function reasonOf(error: unknown): string {
  return (messageOf(error).split(" (os error")[0] ?? "").toLowerCase();
}
