import { match, ok, strictEqual } from "node:assert/strict";
import { startStigmer } from "../servers/stigmer_server.ts";
import {
  missingForSession,
  runInSession,
  type SessionOptions,
} from "../vault/session.ts";
import { createPlace } from "./program.ts";
import { hasTerminal, onTerminal } from "./terminal.ts";
import { STIGMER_FUNCTION } from "../stigmer_program.ts";

const missing = await missingForSession();

Deno.test({
  name: "login asks for address and token, and shows no letter of the token",
  ignore: !hasTerminal,
  async fn() {
    await using server = await startStigmer({ transport: "plain" });
    await using place = await createPlace();
    const token = await server.token("typed");
    const program = onTerminal(place, ["login"]);
    await program.said("Address of the server: ");
    await program.type(`${server.endpoint}\r`);
    await program.said("Access token (not shown; empty for none): ");
    await program.type(`${token}\r`);
    const heard = await program.ended;
    match(heard, /as token:typed \(editor\)/);
    match(heard, /code 0/);
    ok(!heard.includes(token.slice(0, 12)), heard);
    strictEqual((await place.run(["agent", "list"])).code, 0);
  },
});

Deno.test({
  name: "Ctrl-C at the question for a token keeps nothing",
  ignore: !hasTerminal,
  async fn() {
    await using place = await createPlace();
    const words = ["login", "--token-stdin", "--endpoint", "a.example.com"];
    // Who asks for another token does not mean that of the variable.
    const program = onTerminal(place, words, {
      env: { STIGMER_TOKEN: "stg_of_another" },
    });
    await program.said("Access token (not shown): ");
    await program.type("stg_half\x03");
    const heard = await program.ended;
    match(heard, /code 130/);
    ok(!heard.includes("stg_half"), heard);
    strictEqual(
      (await place.run(["backend", "list", "-o", "name"])).stdout,
      "local\n",
    );
  },
});

Deno.test({
  name: "real keyring: login keeps the token there, and logout removes it",
  ignore: missing.length > 0,
  async fn() {
    await using server = await startStigmer();
    const home = await Deno.makeTempDir({ prefix: "stigmer-login-" });
    const token = await server.token("kept");
    await Deno.writeTextFile(`${home}/token`, token);
    const inSession = (
      script: string,
      how: Pick<SessionOptions, "unlocked"> = { unlocked: true },
    ): ReturnType<typeof runInSession> =>
      runInSession(
        `${STIGMER_FUNCTION}\n${script}`,
        { home, ...how },
      );
    try {
      const login = await inSession(
        `stigmer login --token-stdin --endpoint ${server.endpoint} ` +
          `--ca-file ${server.caFile} < "$HOME/token" && rm "$HOME/token" && ` +
          `stigmer agent list && stigmer backend list -o json`,
      );
      strictEqual(login.code, 0, login.stderr);
      ok(!login.stderr.includes("Warning"), login.stderr);
      match(login.stdout, /"token": "keychain"/);
      strictEqual(await found(home, token), "");
      const locked = await inSession("stigmer agent list", { unlocked: false });
      strictEqual(locked.code, 1);
      match(locked.stderr, /the keychain is locked/);
      const logout = await inSession(
        `stigmer logout && secret-tool search --all service stigmer ` +
          `account ${server.endpoint}`,
      );
      ok(!logout.stdout.includes(token), logout.stdout);
      const after = await inSession("stigmer agent list --backend cloud");
      strictEqual(after.code, 4, after.stderr);
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});

/** Files of Stigmer's home folder that hold a text. */
async function found(home: string, text: string): Promise<string> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(`${home}/.stigmer`)) {
    if (!isFile) continue;
    const content = await Deno.readTextFile(`${home}/.stigmer/${name}`);
    if (content.includes(text)) names.push(name);
  }
  return names.join(" ");
}
