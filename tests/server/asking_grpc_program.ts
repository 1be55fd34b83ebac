/**
 * Asks a server by gRPC what agents there are: `ADDRESS`. It prints "answered"
 * and is gone, whatever its connection comes to.
 *
 * @module
 */

import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { grpcClient } from "./grpc_server.ts";

const [address = ""] = Deno.args;
const client = grpcClient(address);
await client.ask(BackendService.method.listAgents);
console.log("answered");
Deno.exit(0);
