/**
 * The RPCs that take data out of a backend and bring it into another one.
 *
 * @module
 */

import type { ServiceImpl } from "@connectrpc/connect";
import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { ServiceDeps } from "./deps.ts";
import { exportRecords } from "./export_records.ts";
import { commitImport } from "./import_commit.ts";
import { discardImport, getImport, stageRecords } from "./import_staging.ts";

/** The RPCs of exports and imports. */
export type TransferService = Pick<
  ServiceImpl<typeof BackendService>,
  | "exportRecords"
  | "stageRecords"
  | "getImport"
  | "commitImport"
  | "discardImport"
>;

/** Makes the RPCs of exports and imports. */
export function transferService(deps: ServiceDeps): TransferService {
  return {
    exportRecords: (request, context) => exportRecords(deps, request, context),
    stageRecords: (request) => stageRecords(deps, request),
    getImport: (request) => getImport(deps, request),
    commitImport: (request, context) => commitImport(deps, request, context),
    discardImport(request) {
      discardImport(deps, request);
      return {};
    },
  };
}
