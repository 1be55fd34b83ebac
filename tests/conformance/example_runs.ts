/**
 * How the specification's examples are run: with what, in which world, and
 * what comes of it. Some of them cannot come to a good end as they are
 * written; what they end with is said here, with the reason.
 *
 * @module
 */

import { petstore } from "../servers/petstore.ts";
import { echo } from "../servers/example_hosts.ts";
import type { ExampleRun } from "./example_run.ts";
import { answering, EVERYWHERE, PET, PETS, SWAPI } from "./example_hosts.ts";
import { EXAMPLE_CALL_RUNS } from "./example_call_runs.ts";

const TEMPERATURE = "com.fake-hospital.vitals.measurements.temperature";
const BPM = "com.fake-hospital.vitals.measurements.bpm";
const VITALS = `
- { type: ${TEMPERATURE}, source: /ward, data: { temperature: 37 } }
- { type: ${TEMPERATURE}, source: /ward, data: { temperature: 39 } }
- { type: ${BPM}, source: /ward, data: { bpm: 80 } }
- { type: ${BPM}, source: /ward, data: { bpm: 120 } }
`;

/** Fails before its first task: there is nothing that runs containers. */
const NO_ENGINE: ExampleRun = {
  failure: {
    type: "configuration",
    status: 400,
    instance: "…",
    detail: "docker",
  },
};

/** The examples that run, each at least once. */
export const EXAMPLE_RUNS: Readonly<Record<string, readonly ExampleRun[]>> = {
  ...EXAMPLE_CALL_RUNS,
  "accumulate-room-readings.yaml": [{
    events: `
- { type: my.home.sensors.temperature, source: https://my.home.com/sensor, roomid: kitchen, data: { reading: 20 } }
- { type: my.home.sensors.humidity, source: https://my.home.com/sensor, roomid: hall, data: { reading: 50 } }
- { type: my.home.sensors.humidity, source: https://my.home.com/sensor, roomid: kitchen, data: { reading: 60 } }
`,
    // A listen gives an array, which has no member "data".
    failure: {
      type: "expression",
      status: 400,
      instance: "/do/0/consumeReading",
      detail: "output.as",
    },
  }],
  "conditional-task.yaml": [{
    input: { customer: { age: 17 }, bet: 5 },
    failure: {
      type: "https://superbet-casinos.com/customer/access-forbidden",
      status: 400,
      instance: "/do/0/raiseErrorIfUnderage",
      detail: "",
    },
  }, {
    input: { customer: { age: 18 }, bet: 5 },
    hosts: EVERYWHERE,
    output: {
      method: "POST",
      path: "/api/bet/on/football",
      query: {},
      headers: { "content-type": "application/json" },
      // Without `${ }` these are texts.
      body: { customer: ".customer", bet: ".bet" },
    },
  }],
  "do-multiple.yaml": [{
    input: { petId: 1 },
    // The second task takes `petId` out of the answer to the first.
    hosts: {
      "petstore.swagger.io": async (request, url, signal) => {
        const answer = await petstore(request, url, signal);
        return Response.json({ ...await answer.json(), petId: 1 });
      },
    },
    output: { ...PET, status: "sold", petId: 1 },
  }],
  "do-single.yaml": [{ input: { petId: 1 }, hosts: PETS, output: PET }],
  "emit.yaml": [{
    output: {
      specversion: "1.0",
      id: "…",
      time: "…",
      source: "https://petstore.com",
      type: "com.petstore.order.placed.v1",
      datacontenttype: "application/json",
      data: {
        client: { firstName: "Cruella", lastName: "de Vil" },
        items: [{ breed: "dalmatian", quantity: 101 }],
      },
    },
  }],
  "for-inline-array.yaml": [{
    output: {
      processed: [
        { name: "red", hex: "#FF0000" },
        { name: "green", hex: "#00FF00" },
        { name: "blue", hex: "#0000FF" },
      ],
    },
  }],
  "for.yaml": [{
    input: { pets: [{ id: 1 }], vet: null },
    output: { pets: [{ id: 1 }], vet: null },
  }, {
    input: { pets: [{ id: 1 }], vet: "Pongo" },
    events:
      "{ type: com.fake.petclinic.pets.checkup.completed.v2, source: /clinic }",
    // A listen gives an array, which has no member "pets".
    failure: {
      type: "expression",
      status: 400,
      instance: "/do/0/checkup/do/0/waitForCheckup",
      detail: "output.as",
    },
  }],
  "fork.yaml": [{
    input: { patient: { fullName: "Ada" }, room: { number: 7 } },
    hosts: {
      "fake-hospital.com": (request, url, signal) =>
        url.pathname.endsWith("/doctor")
          ? echo(request, url, signal)
          : new Promise((resolve) =>
            signal.addEventListener("abort", () => resolve(new Response()))
          ),
    },
    output: {
      method: "PUT",
      path: "/api/v3/alert/doctor",
      query: {},
      headers: { "content-type": "application/json" },
      body: { patientId: "Ada", room: 7 },
    },
  }],
  "listen-to-all read-envelope.yaml": [{
    events: VITALS,
    output: [
      {
        specversion: "1.0",
        id: "…",
        time: "…",
        type: TEMPERATURE,
        source: "/ward",
        datacontenttype: "application/json",
        data: { temperature: 39 },
      },
      {
        specversion: "1.0",
        id: "…",
        time: "…",
        type: BPM,
        source: "/ward",
        datacontenttype: "application/json",
        data: { bpm: 120 },
      },
    ],
  }],
  "listen-to-all.yaml": [{
    events: VITALS,
    output: [{ temperature: 39 }, { bpm: 120 }],
  }],
  "listen-to-any-filter.yaml": [{
    events: VITALS,
    output: [{ temperature: 39 }],
  }],
  "listen-to-any-until-condition.yaml": [{
    events: "[1, 2, 3, 4, 5]".replaceAll(
      /\d/g,
      (n) => `{ type: any, source: /s, data: ${n} }`,
    ),
    output: [1, 2, 3, 4],
  }],
  "listen-to-any-until-consumed.yaml": [{
    events: `${VITALS}
- { type: com.fake-hospital.patient.checked-out, source: /ward, data: {} }
- { type: ${BPM}, source: /ward, data: { bpm: 130 } }
`,
    output: [{ temperature: 39 }, { bpm: 120 }],
  }],
  "listen-to-any.yaml": [{
    events: "{ type: whatever, source: /s, data: { a: 1 } }",
    output: [{ a: 1 }],
  }],
  "listen-to-one.yaml": [{
    events:
      "{ type: com.virtual-wf-powered-race.events.race.started.v1, source: /race, data: { carId: 7 } }",
    hosts: EVERYWHERE,
    output: {
      method: "POST",
      // A listen gives an array, which has no member "carId".
      path: "/api/v4/cars//start",
      query: {},
      headers: {},
      body: null,
    },
  }],
  "mock-service-extension.yaml": [{
    hosts: EVERYWHERE,
    // Its condition is on another address.
    output: {
      method: "GET",
      path: "/sample",
      query: {},
      headers: {},
      body: null,
    },
  }],
  "raise-inline.yaml": [{ failure: notImplemented() }],
  "raise-reusable.yaml": [{ failure: notImplemented() }],
  "run-container-cleanup-always.yaml": [NO_ENGINE],
  "run-container-cleanup-eventually.yaml": [NO_ENGINE],
  "run-container-stdin-and-arguments.yaml": [NO_ENGINE],
  "run-container-with-name.yaml": [NO_ENGINE],
  "run-container-with-pull-policy.yaml": [NO_ENGINE],
  "run-container.yaml": [NO_ENGINE],
  "run-return-all.yaml": [NO_ENGINE],
  "run-return-code.yaml": [NO_ENGINE],
  "run-return-none.yaml": [NO_ENGINE],
  "run-return-stderr.yaml": [NO_ENGINE],
  "run-script-with-stdin-and-arguments.yaml": [{
    output: "stdin >  Hello Workflow\narg >  hello\nenv >  bar\n",
  }],
  "run-shell-stdin-and-arguments.yaml": [{
    output: "STDIN was: Hello World\nARGS are Foo Bar\n",
  }],
  "run-subflow.yaml": [{
    input: { user: "Ada" },
    definitions: `
document: { dsl: 1.0.3, namespace: test, name: register-customer, version: 0.1.0 }
do:
  - register:
      set: { registered: "\${ .customer }" }
`,
    // Without `${ }` the customer is a text.
    output: { registered: ".user" },
  }],
  "schedule-cron.yaml": [{
    hosts: EVERYWHERE,
    output: {
      method: "POST",
      path: "/api/v1/backup/start",
      query: {},
      headers: {},
      body: null,
    },
  }],
  "schedule-event-driven.yaml": [{
    input: [{
      data: {
        patient: {
          id: 1,
          name: "Ada",
          room: { number: 7 },
          vitals: { bpm: 39 },
        },
        timestamp: "2026-01-01T00:00:00Z",
      },
    }],
    hosts: EVERYWHERE,
    output: {
      method: "POST",
      path: "/api/v1/notify",
      query: {},
      headers: { "content-type": "application/json" },
      body: {
        patientId: 1,
        patientName: "Ada",
        roomNumber: 7,
        vitals: { heartRate: 39, timestamp: "2026-01-01T00:00:00Z" },
        message: "Alert: …",
      },
    },
  }],
  "set-expression.yaml": [{ input: [{ a: 1 }], output: { a: 1 } }],
  "set.yaml": [{ input: [{ a: 1 }], output: { startEvent: { a: 1 } } }],
  "star-wars-homeworld.yaml": [{
    input: { id: 1 },
    hosts: SWAPI,
    output: { name: "Tatooine" },
  }, {
    input: { id: 0 },
    failure: {
      type: "validation",
      status: 400,
      instance: "",
      detail: "input.schema",
    },
  }],
  "switch-then-string.yaml": [{
    input: { orderType: "electronic" },
    output: { validate: true, status: "fulfilled" },
  }, {
    input: { orderType: "physical" },
    output: { inventory: "clear", items: 1, address: "Elmer St" },
  }, {
    input: { orderType: "other" },
    output: { log: "warn", message: "something's wrong" },
  }],
  "try-catch-retry-inline.yaml": [{
    input: { petId: 1 },
    hosts: PETS,
    output: PET,
  }],
  "try-catch-retry-reusable.yaml": [{
    input: { petId: 1 },
    hosts: PETS,
    output: PET,
  }],
  "try-catch-then-directive.yaml": [{
    hosts: { "external-service.example.com": answering(503) },
    output: { status: "failed" },
  }, {
    hosts: { "external-service.example.com": answering(200) },
    output: { status: "ok" },
  }],
  "try-catch-then.yaml": [{
    input: { petId: 99 },
    hosts: PETS,
    output: { error: "$error" },
  }],
  "try-catch.yaml": [
    { input: { petId: 1 }, hosts: PETS, output: PET },
    { input: { petId: 99 }, hosts: PETS, output: { petId: 99 } },
  ],
};

/** What is tested otherwise, or cannot be tested here, and why. */
export const EXAMPLES_ELSEWHERE: Readonly<Record<string, string>> = {
  "call-grpc.yaml": "names a port; see the test of its name",
  "call-mcp.yaml": "starts a server of npm; see the test of its name",
  "listen-to-any-forever-foreach.yaml": "never ends; see the test of its name",
  "wait-duration-inline.yaml": "takes 30 seconds; see the test of waits",
  "wait-duration-iso8601.yaml": "takes 30 seconds; see the test of waits",
};

function notImplemented(): NonNullable<ExampleRun["failure"]> {
  return {
    type: "https://serverlessworkflow.io/errors/not-implemented",
    status: 500,
    instance: "/do/0/notImplemented",
    detail: "is a work in progress and cannot be run yet",
  };
}
