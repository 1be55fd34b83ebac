/**
 * What is built: the machines that there is an executable for, the variants of
 * it, and what each variant may do.
 *
 * @module
 */

import { SYS_KINDS } from "../src/host/permission_names.ts";

/** A machine that Deno can build for. */
export interface Target {
  /** As Deno names it. */
  readonly triple: string;
  /** As files of a release name it. */
  readonly name:
    | "linux-x64"
    | "linux-arm64"
    | "macos-x64"
    | "macos-arm64"
    | "windows-x64"
    | "windows-arm64";
  /** As `Deno.build.os` names it. */
  readonly os: "linux" | "darwin" | "windows";
  readonly arch: "x64" | "arm64";
}

/** All of them. */
export const TARGETS: readonly Target[] = [
  {
    triple: "x86_64-unknown-linux-gnu",
    name: "linux-x64",
    os: "linux",
    arch: "x64",
  },
  {
    triple: "aarch64-unknown-linux-gnu",
    name: "linux-arm64",
    os: "linux",
    arch: "arm64",
  },
  {
    triple: "x86_64-apple-darwin",
    name: "macos-x64",
    os: "darwin",
    arch: "x64",
  },
  {
    triple: "aarch64-apple-darwin",
    name: "macos-arm64",
    os: "darwin",
    arch: "arm64",
  },
  {
    triple: "x86_64-pc-windows-msvc",
    name: "windows-x64",
    os: "windows",
    arch: "x64",
  },
  {
    triple: "aarch64-pc-windows-msvc",
    name: "windows-arm64",
    os: "windows",
    arch: "arm64",
  },
];

/** The program, or the program that can start no other, for build servers. */
export type Variant = "stigmer" | "stigmer-ci";

/** All of them. */
export const VARIANTS: readonly Variant[] = ["stigmer", "stigmer-ci"];

/** What differs between builds of one variant. */
export interface PermissionOptions {
  /**
   * The hosts that `stigmer-ci` may call, as `api.example.com:443`;
   * {@linkcode CI_HOSTS} when absent. The other variant may call every host.
   */
  readonly net?: readonly string[];
}

/** The providers that `src/llm/` knows, and this machine. */
export const CI_HOSTS: readonly string[] = [
  "api.anthropic.com:443",
  "api.openai.com:443",
  "localhost",
  "127.0.0.1",
  "[::1]",
];

/**
 * How the engine of JavaScript is set. A young generation of 8 MiB from the
 * start spares short commands the collections of one that begins small.
 */
export const ENGINE_FLAGS: readonly string[] = ["--min-semi-space-size=8"];

/**
 * The flags that an executable is built with: what it may do, and nothing
 * else; see docs/decisions/. Flags and not a permission set of deno.json,
 * because a set is baked with the absolute paths of the machine that builds.
 */
export function permissionFlags(
  variant: Variant,
  options: PermissionOptions = {},
): readonly string[] {
  return [
    "--allow-read",
    "--allow-write",
    "--allow-env",
    ...flagsOf(variant, options),
    `--allow-sys=${SYS_KINDS.join(",")}`,
    "--deny-ffi",
    "--deny-import",
    "--no-prompt",
  ];
}

function flagsOf(
  variant: Variant,
  { net = CI_HOSTS }: PermissionOptions,
): readonly string[] {
  switch (variant) {
    case "stigmer":
      return ["--allow-net", "--allow-run"];
    case "stigmer-ci":
      return [
        // Without a host the flag would allow every one.
        net.length === 0 ? "--deny-net" : `--allow-net=${net.join(",")}`,
        "--deny-run",
      ];
  }
}

/** The same, as the executable carries it: `[]` is everything, `null` nothing. */
export function bakedPermissions(
  variant: Variant,
  { net = CI_HOSTS }: PermissionOptions = {},
): Readonly<Record<string, unknown>> {
  const full = variant === "stigmer";
  return {
    allow_read: [],
    allow_write: [],
    allow_env: [],
    allow_net: full ? [] : net.length === 0 ? null : net,
    allow_run: full ? [] : null,
    allow_sys: SYS_KINDS,
    allow_ffi: null,
    deny_read: null,
    deny_write: null,
    deny_env: null,
    deny_net: !full && net.length === 0 ? [] : null,
    deny_run: full ? null : [],
    deny_sys: null,
    deny_ffi: [],
    deny_import: [],
    ignore_read: null,
    ignore_env: null,
    prompt: false,
  };
}

/** The name of the file that a release offers: `stigmer-linux-x64.tar.gz`. */
export function assetName(variant: Variant, target: Target): string {
  const kind = target.os === "windows" ? "zip" : "tar.gz";
  return `${variant}-${target.name}.${kind}`;
}

/** The name of the executable inside it. */
export function executableName(variant: Variant, target: Target): string {
  return target.os === "windows" ? `${variant}.exe` : variant;
}
