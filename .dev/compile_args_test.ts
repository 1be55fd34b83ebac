import { deepStrictEqual, match } from "node:assert/strict";
import { type Build, compileArgs, thisTarget } from "./compile_args.ts";
import { TARGETS } from "./targets.ts";
import { UsageError } from "./task.ts";

function buildsOf(...args: readonly string[]): readonly Build[] {
  return compileArgs(args);
}

function messageOf(...args: readonly string[]): string {
  try {
    compileArgs(args);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "";
}

Deno.test("compileArgs() builds for this machine when none is named", () => {
  const [build, ...others] = buildsOf();
  deepStrictEqual(others, []);
  deepStrictEqual(build?.target, thisTarget());
  match(build?.output ?? "", /^dist\/stigmer(?:\.exe)?$/);
});

Deno.test("compileArgs() takes a machine by either of its names", () => {
  for (const name of ["windows-arm64", "aarch64-pc-windows-msvc"]) {
    const [build] = buildsOf("--target", name);
    deepStrictEqual(build?.target.name, "windows-arm64");
    deepStrictEqual(build?.output, "dist/stigmer-windows-arm64/stigmer.exe");
  }
});

Deno.test("compileArgs() builds each variant for each machine, each into a file of its own", () => {
  const args = ["--all", "--variant", "stigmer", "--variant=stigmer-ci"];
  const builds = buildsOf(...args);
  deepStrictEqual(builds.length, 2 * TARGETS.length);
  deepStrictEqual(new Set(builds.map((it) => it.output)).size, builds.length);
  const last = builds.at(-1)?.output;
  deepStrictEqual(last, "dist/stigmer-ci-windows-arm64/stigmer-ci.exe");
});

Deno.test("compileArgs() takes hosts and a place for the one executable", () => {
  const [build] = buildsOf(
    "--variant=stigmer-ci",
    "--allow-net=models.example.com:443, 127.0.0.1,[::1]:8080",
    "--output=/elsewhere/s",
  );
  deepStrictEqual(build?.net, [
    "models.example.com:443",
    "127.0.0.1",
    "[::1]:8080",
  ]);
  deepStrictEqual(build?.output, "/elsewhere/s");
  const [none] = buildsOf("--variant=stigmer-ci", "--allow-net=");
  deepStrictEqual(none?.net, []);
});

const WRONG: readonly [readonly string[], RegExp][] = [
  [
    ["--target", "linux-x46"],
    /^Cannot build for "linux-x46", did you mean "linux-x64"\?; there are linux-x64, /,
  ],
  [["--target", "amiga"], /^Cannot build for "amiga"; there are /],
  [
    ["--traget=x"],
    /^Cannot build: there is no "--traget", did you mean "--target"\?/,
  ],
  [["-x"], /^Cannot build: there is no "-x"/],
  [["--target"], /^Cannot build: .*argument missing/],
  [["--all=yes"], /^Cannot build: .*does not take an argument/],
  [
    ["linux-x64"],
    /^Cannot build "linux-x64": a machine is given with --target/,
  ],
  [
    ["--variant", "stigmer-cl"],
    /^Cannot build the variant "stigmer-cl", did you mean "stigmer-ci"\?/,
  ],
  [["--all", "--target", "linux-x64"], /exclude each other/],
  [["--all", "--output", "x"], /several executables to one --output/],
  [["--allow-net", "a.example.com"], /add --variant stigmer-ci/],
  [
    ["--variant", "stigmer-ci", "--allow-net", "https://a.example.com/"],
    /^Cannot allow calls to "https:\/\/a\.example\.com\/": a host is/,
  ],
];

for (const [args, message] of WRONG) {
  Deno.test(`compileArgs() refuses "${args.join(" ")}"`, () => {
    match(messageOf(...args), message);
  });
}
