/**
 * A certificate of this machine that was valid once, made by openssl.
 *
 * @module
 */

import type { Certificate } from "./certificate.ts";

const CONFIG = `
[ca]
default_ca = it
[it]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
basicConstraints = critical,CA:FALSE
subjectAltName = IP:127.0.0.1
[req]
distinguished_name = dn
[dn]
`;

/** Makes a certificate of 127.0.0.1 that ended years ago. */
export async function expiredCertificate(): Promise<Certificate> {
  const folder = await Deno.makeTempDir();
  const read = (name: string) => Deno.readTextFile(`${folder}/${name}`);
  try {
    await Deno.writeTextFile(`${folder}/ca.cnf`, CONFIG);
    await Deno.writeTextFile(`${folder}/index.txt`, "");
    await Deno.writeTextFile(`${folder}/serial`, "01\n");
    await openssl(
      folder,
      "req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes " +
        "-config ca.cnf -subj /CN=stigmer-test -keyout key.pem -out csr.pem",
    );
    await openssl(
      folder,
      "ca -batch -notext -selfsign -config ca.cnf -keyfile key.pem " +
        "-startdate 200101000000Z -enddate 210101000000Z " +
        "-in csr.pem -out cert.pem",
    );
    return { cert: await read("cert.pem"), key: await read("key.pem") };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function openssl(folder: string, words: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args: words.split(" "),
    cwd: folder,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
