// What a server, an earlier start or a folder with an odd name may not make
// `install.sh` do.

import { deepStrictEqual, match, ok } from "node:assert/strict";
import { until } from "../until.ts";
import {
  assertUntouched,
  ASSET,
  ignore,
  newScene,
  RELEASED,
  WAYS,
} from "./install_scene.ts";
import { find } from "./installer.ts";
import { newRelease, programText, serveReleases } from "./releases.ts";

/** Where a server may lead that nobody vouches for. */
const ASTRAY: readonly ((port: number) => string)[] = [
  (port) => `http://x@127.0.0.1:${port}/`,
  (port) => `http://127.0.0.1:${port}@releases.invalid/`,
  (port) => `http://localhost:x@127.0.0.1:${port}/f`,
  (port) => `http://127.0.0.1:@127.0.0.1:${port}/`,
  (port) => `http://[::1]:a@127.0.0.1:${port}/`,
  (port) => `http://localhost:1\\@127.0.0.1:${port}/`,
  () => "http://releases.invalid/",
  () => "ftp://127.0.0.1/",
  () => "file:///dev/null",
];

Deno.test({
  name: "install.sh follows nobody to another machine without https",
  ignore,
  async fn() {
    await using scene = await newScene();
    await using other = serveReleases();
    const port = Number(new URL(other.url).port);
    await scene.place.installOld();
    for (const way of WAYS) {
      for (const location of ASTRAY.map((it) => it(port))) {
        const headers = { location };
        scene.server.instead.set(
          ASSET,
          () => new Response(null, { status: 302, headers }),
        );
        const { code, stderr } = await scene.place.run([], way);
        deepStrictEqual(code, 1);
        match(stderr, /it leads to/, `${way.tools} ${location}`);
        deepStrictEqual(other.asked, []);
        await assertUntouched(scene);
      }
    }
  },
});

Deno.test({
  name: "install.sh follows five times and no more",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { server, place } = scene;
    const location = `/releases/download/v${RELEASED}/${ASSET}`;
    server.instead.set(
      ASSET,
      () => new Response(null, { status: 302, headers: { location } }),
    );
    for (const way of WAYS) {
      server.asked.length = 0;
      const { code, stderr } = await place.run([], way);
      deepStrictEqual(code, 1);
      match(stderr, /it leads on more than 5 times/);
      deepStrictEqual(server.asked.filter((it) => it === location).length, 6);
    }
  },
});

Deno.test({
  name: "install.sh asks for an address as it stands, whatever is in it",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { server, place } = scene;
    const location = `/releases/download/v${RELEASED}/a[1-3]{b,c}`;
    server.instead.set(
      ASSET,
      () => new Response(null, { status: 302, headers: { location } }),
    );
    const bytes = scene.files.get(ASSET);
    server.instead.set("c%7D", () => new Response(bytes));
    for (const way of WAYS) {
      server.asked.length = 0;
      const { code, stderr } = await place.run([], way);
      deepStrictEqual(code, 0, `${way.tools} ${stderr}`);
      deepStrictEqual(server.asked.filter((it) => /\/a\W/.test(it)).length, 1);
    }
  },
});

Deno.test({
  name: "install.sh refuses without a word of what may be secret",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { server, place } = scene;
    const lead = (location: string) => () =>
      new Response(null, { status: 302, headers: { location } });
    const answers: readonly (readonly [() => Response, RegExp])[] = [
      [lead("/kept?signature=S3CRET"), /Cannot take "http:.*\/kept\?\.\.\."/],
      [lead("ftp://127.0.0.1/kept?S3CRET"), /Cannot take ".*it leads to/],
    ];
    for (const [answer, says] of answers) {
      server.instead.set(ASSET, answer);
      for (const way of WAYS) {
        const { code, stderr } = await place.run([], way);
        deepStrictEqual(code, 1);
        match(stderr, says, `${way.tools}`);
        ok(!stderr.includes("S3CRET"), `${way.tools} ${stderr}`);
      }
    }
  },
});

Deno.test({
  name: "install.sh takes a folder with a slash at its end as the one without",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { place } = scene;
    const { code, stdout, stderr } = await place.run([
      "--dir",
      `${place.bin}//`,
    ], {
      env: { PATH: `${place.folder}/tools-0:${place.bin}` },
    });
    deepStrictEqual(code, 0, stderr);
    match(stdout, /\/bin\/stigmer\n$/);
    ok(!/\/\/stigmer/.test(stdout), stdout);
    ok(!/export PATH/.test(stderr), stderr);
  },
});

Deno.test({
  name: "install.sh prints a line for PATH that a shell reads as it is meant",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { place } = scene;
    for (const name of ["plain", "a b", "$HOME", "`id`", '"; id', "it's $5!"]) {
      const dir = `${place.folder}/${name}`;
      const { stderr } = await place.run(["--dir", dir]);
      const [line = ""] = /export PATH=[^]*$/.exec(stderr) ?? [];
      const { stdout } = await new Deno.Command("sh", {
        args: ["-c", `PATH=rest\n${line}printf %s "$PATH"`],
      }).output();
      deepStrictEqual(new TextDecoder().decode(stdout), `${dir}:rest`);
    }
    const { stderr } = await place.run(["--dir", `${place.folder}/a:b`]);
    match(stderr, /no folder with a colon can be on PATH/);
  },
});

Deno.test({
  name: "install.sh goes back to an older release only when it is told to",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { place, server, signer } = scene;
    server.releases.set("0.10.0", await newRelease(signer, "0.10.0"));
    deepStrictEqual((await place.run()).code, 0);
    const wanted = ["--version", RELEASED];
    const { code, stderr } = await place.run(wanted);
    deepStrictEqual(code, 1);
    match(
      stderr,
      /Cannot go back to 0\.3\.0: ".*" is 0\.10\.0, which is newer/,
    );
    match(stderr, /Hint: .*--allow-downgrade/);
    deepStrictEqual(await place.text(), programText("0.10.0"));
    deepStrictEqual(await place.leftovers(), []);
    const allowed = await place.run([...wanted, "--allow-downgrade"]);
    deepStrictEqual(allowed.code, 0, allowed.stderr);
    deepStrictEqual(await place.text(), programText(RELEASED));
  },
});

Deno.test({
  name: "install.sh installs over what does not run or says no version",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { place } = scene;
    await place.installOld();
    for (
      const text of [programText("nothing"), programText("9.9.9", "exit 1")]
    ) {
      await Deno.writeTextFile(`${place.bin}/stigmer`, text);
      deepStrictEqual((await place.run()).code, 0);
      deepStrictEqual(await place.text(), programText(RELEASED));
    }
  },
});

Deno.test({
  name: "install.sh gives up on a program that does not answer",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { place, server, signer } = scene;
    const first = `exec "${find("sleep")}" 600`;
    server.releases.set(
      RELEASED,
      await newRelease(signer, RELEASED, { first }),
    );
    await place.installOld();
    // A clock that runs at once.
    const fakes = { sleep: "exit 0" };
    const shells = ["dash", "bash"].filter((it) => find(it));
    ok(shells.length > 0, "Neither dash nor bash is here");
    for (const shell of shells) {
      const { code, stderr } = await place.run([], { shell, fakes });
      deepStrictEqual(code, 1);
      match(stderr, /It did not answer for 60 s/);
      match(stderr, /The program does not run on this machine/);
      await assertUntouched(scene);
    }
  },
});

Deno.test({
  name:
    "install.sh clears away what one that was killed left, and nothing else",
  ignore,
  async fn() {
    await using scene = await newScene();
    const { place, server } = scene;
    await place.installOld();
    server.instead.set(ASSET, () => new Response(new ReadableStream()));
    const child = await place.start();
    const output = child.output();
    await until(() => server.asked.some((it) => it.endsWith(ASSET)));
    Deno.kill(-child.pid, "SIGKILL");
    await output;
    const [left = ""] = await place.leftovers();
    const dead = `.stigmer-install.${child.pid}.abcdef`;
    // One of another machine, or of a container, has no process here.
    const young = `.stigmer-install.${child.pid}.elsewh`;
    const alive = `.stigmer-install.${Deno.pid}.abcdef`;
    for (const name of [dead, young, alive, ".stigmer-install.mine"]) {
      await Deno.mkdir(`${place.bin}/${name}`);
    }
    for (const name of [dead, alive, ".stigmer-install.mine"]) {
      await letAge(`${place.bin}/${name}`);
    }
    server.instead.clear();
    const kept = await place.run();
    deepStrictEqual(kept.code, 0, kept.stderr);
    deepStrictEqual(await place.leftovers(), [left]);
    await letAge(`${place.temporary}/${left}`);
    const { code, stderr } = await place.run();
    deepStrictEqual(code, 0, stderr);
    deepStrictEqual(await place.leftovers(), []);
    deepStrictEqual(
      await place.names(),
      [alive, young, ".stigmer-install.mine", "stigmer"].sort(),
    );
  },
});

/** Makes a folder as old as one that no installer is at work in. */
async function letAge(path: string): Promise<void> {
  const then = new Date(Date.now() - 2 * 60 * 60_000);
  await Deno.utime(path, then, then);
}
