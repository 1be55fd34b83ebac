/**
 * Certificates of servers of this machine, made by openssl.
 *
 * @module
 */

/** A certificate that signs itself, and its key, both as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const made = new Map<string, Promise<Certificate>>();

/** The certificate of a host, made once a process. */
export function certificateOf(hostname: string): Promise<Certificate> {
  const known = made.get(hostname);
  if (known !== undefined) return known;
  const making = make(hostname);
  made.set(hostname, making);
  return making;
}

async function make(hostname: string): Promise<Certificate> {
  const folder = await Deno.makeTempDir();
  try {
    const isAddress = /^[\d.]+$|:/.test(hostname);
    const { success, stderr } = await new Deno.Command("openssl", {
      args: [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=stigmer-test",
        "-addext",
        `subjectAltName=${isAddress ? "IP" : "DNS"}:${hostname}`,
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-keyout",
        `${folder}/key.pem`,
        "-out",
        `${folder}/cert.pem`,
      ],
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return {
      cert: await Deno.readTextFile(`${folder}/cert.pem`),
      key: await Deno.readTextFile(`${folder}/key.pem`),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
