// Where a server may lead, in `install.sh` as in `stigmer upgrade`.

import { deepStrictEqual } from "node:assert/strict";
import { mayLeadTo } from "../../src/release/address.ts";
import { ignore } from "./install_scene.ts";
import { find, shellFunction } from "./installer.ts";

/** Where both may be led from releases on this machine. */
const ALLOWED = [
  "https://example.com",
  "https://example.com:8443/a?b=c@d#e",
  "http://localhost",
  "http://localhost/a",
  "http://localhost:8080/a@b",
  "http://127.0.0.1:1?a",
  "http://[::1]",
  "http://[::1]/a",
  "http://[::1]:65535/a:b",
];

/** Where neither may be. */
const REFUSED = [
  "http://example.com",
  "http://localhost.example.com",
  "http://127.0.0.1.example.com/",
  "http://localhost:x@example.com:80/f",
  "http://127.0.0.1:@example.com:8080/",
  "http://127.0.0.1:80@example.com:8080/",
  "http://[::1]:a@example.com:1/",
  "http://[::1]@example.com/",
  "http://[::2]:1/",
  "http://example.com\\@localhost:1/",
  "ftp://127.0.0.1/",
  "file:///dev/null",
];

/** Those that the function of the script lets be asked. */
async function askedOf(isLocal: string): Promise<readonly string[]> {
  const script = `is_local=${isLocal}
${await shellFunction("may_be_asked")}
for url in "$@"; do ! may_be_asked "$url" || printf '%s\\n' "$url"; done`;
  const { code, stdout, stderr } = await new Deno.Command(find("sh") ?? "sh", {
    args: ["-euc", script, "sh", ...ALLOWED, ...REFUSED],
  }).output();
  const decoder = new TextDecoder();
  deepStrictEqual([code, decoder.decode(stderr)], [0, ""]);
  return decoder.decode(stdout).split("\n").slice(0, -1);
}

Deno.test({
  name: "install.sh is led where upgrades are, and nowhere else",
  ignore,
  async fn() {
    for (
      const [isLocal, from] of [
        ["yes", "http://127.0.0.1:1/releases"],
        ["", "https://example.com/releases"],
      ] as const
    ) {
      const ledTo = [...ALLOWED, ...REFUSED].filter((it) =>
        mayLeadTo(new URL(it), new URL(from))
      );
      deepStrictEqual(await askedOf(isLocal), ledTo);
      const wanted = ALLOWED.filter((it) => isLocal || it.startsWith("https:"));
      deepStrictEqual(ledTo, wanted);
    }
  },
});
