/**
 * Diagnostics in the words of the contract, both ways.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type Diagnostic as DiagnosticMessage,
  Diagnostic_Severity,
  DiagnosticSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Diagnostic } from "../model/diagnostic.ts";

/** Writes a diagnostic as the contract's message. */
export function toDiagnosticMessage(diagnostic: Diagnostic): DiagnosticMessage {
  return create(DiagnosticSchema, {
    severity: diagnostic.severity === "error"
      ? Diagnostic_Severity.ERROR
      : Diagnostic_Severity.WARNING,
    pointer: diagnostic.pointer,
    atKey: diagnostic.atKey ?? false,
    offset: diagnostic.offset ?? 0,
    message: diagnostic.message,
    hint: diagnostic.hint ?? "",
  });
}

/** Reads a diagnostic of the contract; what it does not say is absent. */
export function fromDiagnosticMessage(message: DiagnosticMessage): Diagnostic {
  return {
    severity: message.severity === Diagnostic_Severity.WARNING
      ? "warning"
      : "error",
    pointer: message.pointer,
    message: message.message,
    ...(message.atKey ? { atKey: true } : {}),
    ...(message.offset > 0 ? { offset: message.offset } : {}),
    ...(message.hint === "" ? {} : { hint: message.hint }),
  };
}
