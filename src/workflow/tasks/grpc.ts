/**
 * `call: grpc`: calls a method of a gRPC service.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import { type Json, member } from "../../model/json.ts";
import type { Place, TaskPlace } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import {
  checkKeys,
  placeOf,
  readInteger,
  readObject,
  readString,
  reportError,
} from "../fields.ts";
import type { GrpcTask } from "../tree_calls.ts";
import { readCallBase, readMap } from "./_call.ts";
import { readAuthentication } from "./authentication.ts";
import { readExternalResource } from "./resource.ts";

const NOTHING: Template = { kind: "literal", value: "" };
const HOST = /^[a-zA-Z0-9](?:[a-zA-Z0-9-.]*[a-zA-Z0-9])?$/;
const PORT_MAX = 65_535;

/** Reads a `call: grpc` task. */
export function readGrpc(place: TaskPlace): GrpcTask {
  const { base, args, of } = readCallBase(place, "grpc", {
    known: ["proto", "service", "method", "arguments"],
    required: ["proto", "service", "method"],
    what: "a gRPC call",
    instead: { parameters: "arguments", host: "service.host" },
  });
  const values = readMap(member(args, "arguments"), of("arguments"));
  const method = readString(member(args, "method"), of("method"));
  return {
    ...base,
    kind: "grpc",
    proto: readExternalResource(member(args, "proto"), of("proto")) ??
      { endpoint: { uri: NOTHING } },
    service: readService(member(args, "service"), of("service")),
    method: readTemplate(method, of("method")) ?? NOTHING,
    ...(values === undefined ? {} : { arguments: values }),
  };
}

function readService(
  value: Json | undefined,
  place: Place,
): GrpcTask["service"] {
  const service = readObject(value, place);
  if (service === undefined) return { name: NOTHING, host: NOTHING };
  checkKeys(service, place, {
    known: ["name", "host", "port", "authentication"],
    required: ["name", "host"],
    what: "a gRPC service",
    instead: { address: "host", hostname: "host" },
  });
  const of = (key: string): Place => placeOf(place, key);
  const name = readString(member(service, "name"), of("name"));
  const port = readPort(member(service, "port"), of("port"));
  const authentication = readAuthentication(
    member(service, "authentication"),
    of("authentication"),
  );
  return {
    name: readTemplate(name, of("name")) ?? NOTHING,
    host: readHost(member(service, "host"), of("host")),
    ...(port === undefined ? {} : { port }),
    ...(authentication === undefined ? {} : { authentication }),
  };
}

function readHost(value: Json | undefined, place: Place): Template {
  const host = readString(value, place);
  if (host !== undefined && !host.includes("${") && !HOST.test(host)) {
    reportError(place, {
      message: `"${host}" is not the name of a host`,
      ...(/:\d+$/.test(host) ? { hint: 'Give the port as "port"' } : {}),
    });
  }
  return readTemplate(host, place) ?? NOTHING;
}

function readPort(
  value: Json | undefined,
  place: Place,
): Template | undefined {
  if (typeof value !== "string" || !value.includes("${")) {
    readInteger(value, place, { min: 0, max: PORT_MAX, what: "A port" });
  }
  return readTemplate(value, place);
}
