import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { type MethodName, ROLE_OF } from "../../src/backend/caller.ts";
import { isEnough, type Role, ROLES } from "../../src/model/role.ts";
import { type Json, ROWS } from "./foreign_rows.ts";
import {
  type Answered,
  changedTables,
  enveloped,
  startGuarded,
} from "./guarded.ts";

const METHODS = Object.keys(ROLE_OF) as MethodName[];
const SERVICE = BackendService.typeName;
/** gRPC's number of PERMISSION_DENIED. */
const GRPC_PERMISSION_DENIED = "7";
const GRPC_UNAUTHENTICATED = "16";

/** What is wrong with an answer that must be a refusal of the role. */
function refusalFault(answer: Answered, method: MethodName): string {
  const { name, methodKind } = BackendService.method[method];
  const status = methodKind === "unary" ? 403 : 200;
  if (answer.code !== "permission_denied" || answer.status !== status) {
    return `${answer.status} ${answer.code} ${answer.text}`;
  }
  const needed = ROLE_OF[method];
  return answer.text.includes(`Cannot call \\"${name}\\"`) &&
      answer.text.includes(`it needs the role ${needed}`)
    ? ""
    : answer.text;
}

Deno.test("every call of every role is refused or taken as the table says", async () => {
  await using scene = await startGuarded();
  const before = scene.dump();
  const faults: string[] = [];
  let refusedCount = 0;
  for (const method of METHODS) {
    for (const role of ROLES) {
      // Refused before it is read: what is no message at all is never seen.
      if (isEnough(role, ROLE_OF[method])) continue;
      refusedCount++;
      const token = scene.tokens[role];
      const fault = refusalFault(
        await scene.call(method, "no message", { token }),
        method,
      );
      if (fault !== "") faults.push(`${role} ${method}: ${fault}`);
    }
  }
  strictEqual(faults.join("\n"), "");
  strictEqual(changedTables(before, scene.dump()), "");
  ok(refusedCount > 100, `${refusedCount}`);
  for (const method of METHODS) {
    for (const role of ROLES) {
      if (!isEnough(role, ROLE_OF[method])) continue;
      // What is no message is refused as such by who would take it.
      const token = scene.tokens[role];
      const { code } = await scene.call(method, "no message", { token });
      if (code !== "invalid_argument") {
        faults.push(`${role} ${method}: ${code}`);
      }
    }
  }
  strictEqual(faults.join("\n"), "");
});

Deno.test("nobody without a token makes any call", async () => {
  await using scene = await startGuarded();
  const before = scene.dump();
  for (const method of METHODS) {
    const { code, status, headers } = await scene.call(method, {});
    strictEqual(code, "unauthenticated", method);
    if (BackendService.method[method].methodKind !== "unary") continue;
    strictEqual(status, 401);
    match(headers.get("www-authenticate") ?? "", /^Bearer/);
  }
  strictEqual(changedTables(before, scene.dump()), "");
});

Deno.test("gRPC-Web refuses as Connect does", async () => {
  await using scene = await startGuarded();
  const headers = { "content-type": "application/grpc-web+json" };
  for (const method of METHODS) {
    const path = `/${SERVICE}/${BackendService.method[method].name}`;
    const body = enveloped('"no message"');
    const stranger = await scene.post(path, body, { headers });
    strictEqual(stranger.code, GRPC_UNAUTHENTICATED, method);
    for (const role of ROLES) {
      const token = scene.tokens[role];
      const answer = await scene.post(path, body, { headers, token });
      const isRefused = answer.code === GRPC_PERMISSION_DENIED;
      strictEqual(
        isRefused,
        !isEnough(role, ROLE_OF[method]),
        `${role} ${method} ${answer.text}`,
      );
    }
  }
});

Deno.test("who only reads may ask what applying would change, and no more", async () => {
  await using scene = await startGuarded();
  const { tokens } = scene;
  const env = (secret: string): Json => ({
    environment: {
      metadata: { name: "prod" },
      spec: { variables: { A: "1" }, secrets: { PIN: secret } },
    },
  });
  const apply = (role: Role, of: Json): Promise<Answered> =>
    scene.call("applyResources", of, { token: tokens[role] });
  const made = await apply("editor", { resources: [env("0042")] });
  strictEqual(made.code, "", made.text);
  const before = scene.dump();
  for (const role of ["viewer", "runner"] as const) {
    const asked = await apply(role, { resources: [env("***")], dryRun: true });
    match(asked.text, /UNCHANGED/);
    const refused = await apply(role, { resources: [env("***")] });
    strictEqual(refused.status, 403);
    match(
      refused.text,
      /Cannot call \\"ApplyResources\\": it needs the role editor, and \\"token:the-\w+\\" has/,
    );
    // Each guess of a secret would be answered with whether it is right.
    const guess = await apply(role, { resources: [env("0042")], dryRun: true });
    strictEqual(guess.status, 403);
    match(guess.text, /Cannot compare values of secrets: it needs the role ed/);
  }
  strictEqual(changedTables(before, scene.dump()), "");
  const same = await apply("editor", {
    resources: [env("0042")],
    dryRun: true,
  });
  match(same.text, /UNCHANGED/);
});

Deno.test("what a service refuses for a role is in the audit", async () => {
  await using scene = await startGuarded();
  const token = scene.tokens.viewer;
  const { code } = await scene.call("applyResources", { resources: [{}] }, {
    token,
  });
  strictEqual(code, "permission_denied");
  const { client } = scene.local;
  const noted = async (): Promise<string> => {
    const { events } = await client.listAuditEvents({ action: "refuse" });
    return events.map((it) => `${it.identity} ${it.subject} ${it.code}`).join();
  };
  for (let i = 0; i < 100 && await noted() === ""; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  strictEqual(
    await noted(),
    "token:the-viewer ApplyResources PERMISSION_DENIED",
  );
});

Deno.test("what is refused leaves no trace in the data, and works for who may", async () => {
  await using scene = await startGuarded();
  const kept: Record<string, Json> = {};
  const tried = new Set<MethodName>();
  for (const { method, request, keep = {}, fails = "" } of ROWS) {
    const message = request(kept);
    const before = scene.dump();
    for (const role of [undefined, ...ROLES]) {
      if (role !== undefined && isEnough(role, ROLE_OF[method])) continue;
      const token = role === undefined ? undefined : scene.tokens[role];
      const { code } = await scene.call(method, message, { token });
      const expected = role === undefined
        ? "unauthenticated"
        : "permission_denied";
      strictEqual(code, expected, `${role} ${method}`);
    }
    strictEqual(changedTables(before, scene.dump()), "", method);
    const { tokens: { admin: token } } = scene;
    const answer = await scene.call(method, message, { token });
    strictEqual(answer.code, fails, `${method}: ${answer.text}`);
    tried.add(method);
    if (fails !== "") continue;
    for (const [name, path] of Object.entries(keep)) {
      const value = path.split(".").reduce<Json | undefined>(
        (at, key) => (at as Record<string, Json> | undefined)?.[key],
        answer.messages[0] as Json,
      );
      if (value !== undefined) kept[name] = value;
    }
    if (method === "exportRecords") {
      const records = answer.messages as { records?: Json[] }[];
      kept["records"] = records.flatMap((it) => it.records ?? []);
      const last = records.at(-1) as { summary?: { checksum?: string } };
      kept["checksum"] = last?.summary?.checksum ?? "";
    }
  }
  deepStrictEqual(METHODS.filter((it) => !tried.has(it)), []);
});
