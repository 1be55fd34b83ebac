import assert from "node:assert/strict";
import {
  type Finding,
  Finding_State as State,
} from "../../gen/stigmer/backend/v1/operations_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { standardDriver } from "../../src/store/drivers.ts";
import { fails, INSTRUCTIONS, suite } from "../backend/suite.ts";
import { flowOf } from "../backend/flow.ts";
import { createPlace, pick } from "../cli/program.ts";
import { startStigmer } from "../servers/stigmer_server.ts";

async function findings(
  client: BackendClient,
  groups: readonly string[],
): Promise<readonly Finding[]> {
  const answer = await client.diagnoseBackend({ groups: [...groups] });
  return answer.findings;
}

function stateOf(found: readonly Finding[], name: string): string {
  const state = found.find((it) => it.name === name)?.state;
  return State[state ?? State.STATE_UNSPECIFIED];
}

suite(
  "DiagnoseBackend checks the groups that are asked for",
  async (client) => {
    const found = await findings(client, ["database", "disk"]);
    assert.deepEqual([...new Set(found.map((it) => it.group))], [
      "disk",
      "database",
    ]);
    for (
      const name of ["room", "log", "permissions", "integrity", "references"]
    ) {
      assert.equal(stateOf(found, name), "OK", name);
    }
    await fails(
      findings(client, ["disks"]),
      "INVALID_ARGUMENT",
      /no such group/,
    );
  },
);

suite("each tool server that an agent names is looked for", async (client) => {
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
  }, () => new Response("who are you", { status: 401 }));
  const gone = `http://127.0.0.1:9/mcp`;
  const stdio = (command: string) =>
    ({ case: "stdio", value: { command } }) as const;
  const http = (url: string) => ({ case: "http", value: { url } }) as const;
  await client.createAgent({
    agent: {
      metadata: { name: "bot" },
      spec: {
        instructions: INSTRUCTIONS,
        mcpServers: [
          { name: "here", transport: stdio("sh") },
          { name: "missing", transport: stdio("no-such-program") },
          {
            name: "answers",
            transport: http(`http://127.0.0.1:${server.addr.port}/mcp`),
          },
          { name: "silent", transport: http(gone) },
          { name: "everything" },
        ],
      },
    },
  });
  const found = await findings(client, ["tool-servers"]);
  await server.shutdown();
  const states = Object.fromEntries(
    found.map((it) => [it.name.split(" ")[0], State[it.state]]),
  );
  assert.deepEqual(states, {
    here: "OK",
    missing: "PROBLEM",
    answers: "OK",
    silent: "PROBLEM",
    everything: "OK",
  });
  for (const it of found) {
    assert.equal(it.fix === "", it.state === State.OK, it.name);
  }
});

suite("each applied tool server is looked for, once", async (client) => {
  const serverOf = (name: string, command: string) =>
    client.createMcpServer({
      mcpServer: {
        metadata: { name },
        spec: { transport: { case: "stdio", value: { command } } },
      },
    });
  await serverOf("Here", "sh");
  await serverOf("gone", "no-such-program");
  await client.createMcpServer({
    mcpServer: {
      metadata: { name: "clock" },
      spec: { transport: { case: "catalog", value: "time" } },
    },
  });
  await client.createAgent({
    agent: {
      metadata: { name: "bot" },
      spec: {
        instructions: INSTRUCTIONS,
        mcpServers: [{ server: "Here" }, { server: "gone" }],
      },
    },
  });
  const ask = { server: "gone", method: "tools/list" };
  await client.createWorkflow({
    workflow: flowOf([{ ask: { call: "mcp", with: ask } }]),
  });
  const found = await findings(client, ["tool-servers"]);
  assert.deepEqual(
    found.map((it) => [it.name, State[it.state]]).sort(),
    [
      ["MCP server clock", "OK"],
      ["MCP server gone", "PROBLEM"],
      ["MCP server here", "OK"],
    ],
  );
  const [gone] = found.filter((it) => it.state === State.PROBLEM);
  assert.match(gone?.detail ?? "", /no program "no-such-program"/);
  assert.notEqual(gone?.fix, "");
});

suite("rows that refer to nothing are a problem", async (client, home) => {
  {
    using database = standardDriver().open(`${home}/stigmer.db`);
    database.execute("PRAGMA foreign_keys = OFF");
    database.execute(`INSERT INTO import_records
      VALUES ('gone', 1, 'Agent', 'a', '', '{}')`);
  }
  const found = await findings(client, ["database"]);
  const problem = found.find((it) => it.state === State.PROBLEM);
  assert.equal(problem?.name, "references");
  assert.match(problem?.detail ?? "", /1 row refers from import_records/);
  assert.match(problem?.fix ?? "", /stigmer restore/);
});

Deno.test("doctor checks the server that is used, and its machine", async () => {
  await using server = await startStigmer();
  await using place = await createPlace();
  const env = {
    STIGMER_ENDPOINT: server.endpoint,
    STIGMER_CA_FILE: server.caFile,
    STIGMER_TOKEN: await server.token("boss", { role: "admin" }),
  };
  const { stdout, stderr } = await place.run(["doctor", "-o", "json"], { env });
  assert.equal(stderr, "");
  const checks = JSON.parse(stdout).checks;
  const named = (name: string): Record<string, string> =>
    checks.find((it: { name: string }) => it.name === name) ?? {};
  assert.match(named("server").detail ?? "", /answers in \d+ ms/);
  assert.match(named("certificate").detail ?? "", /is good for|ended/);
  assert.match(named("release").detail ?? "", /both are/);
  assert.match(named("token").detail ?? "", /token:boss, admin/);
  assert.match(named("database").detail ?? "", /stigmer\.db" opens/);
  assert.equal(named("integrity").state, "ok");
});

Deno.test("who may only look is shown no paths of the server", async () => {
  await using server = await startStigmer();
  await using place = await createPlace();
  const env = {
    STIGMER_ENDPOINT: server.endpoint,
    STIGMER_CA_FILE: server.caFile,
    STIGMER_TOKEN: await server.token("guest", { role: "viewer" }),
  };
  const { stdout } = await place.run(["doctor", "-o", "json"], { env });
  const checks = JSON.parse(stdout).checks;
  const theirs = checks.filter((it: { group?: string }) =>
    it.group !== undefined && it.group !== "server"
  );
  assert.ok(theirs.length > 5);
  for (const it of theirs) {
    assert.doesNotMatch(`${it.detail} ${it.fix ?? ""}`, /(^|[\s"])\/\w/);
    assert.doesNotMatch(it.detail, /key-[0-9a-f]{8}/);
  }
  const one = (name: string) =>
    checks.find((it: { name: string }) => it.name === name);
  assert.match(one("tool servers").detail, /^run by deno(\.exe)?( or \w|$)/);
  // Nobody who works on a server prepares a folder here, and init refuses to.
  const { state, fix } = one("home");
  assert.deepEqual([state, fix], ["ok", undefined]);
});

Deno.test("doctor says that a server is away, and ends with 1", async () => {
  await using place = await createPlace();
  const env = { STIGMER_ENDPOINT: "http://127.0.0.1:9" };
  const { code, stdout } = await place.run(["doctor", "-o", "json"], { env });
  assert.equal(code, 1);
  const problem = pick(JSON.parse(stdout), "checks.2");
  assert.match(JSON.stringify(problem), /"server".*127\.0\.0\.1:9/);
});
