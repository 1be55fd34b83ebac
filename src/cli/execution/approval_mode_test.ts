import assert from "node:assert/strict";
import { Approval } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { approvalOf, approvalWord } from "./approval_mode.ts";
import { APPROVE_OPTION } from "./request_options.ts";

Deno.test("approvalOf() reads each word that the option takes", () => {
  assert.deepEqual(APPROVE_OPTION.choices?.map((it) => approvalOf(it)), [
    Approval.ASK,
    Approval.ALL,
    Approval.NONE,
  ]);
  assert.equal(approvalOf(undefined), Approval.APPROVAL_UNSPECIFIED);
  assert.equal(approvalOf("constructor"), Approval.APPROVAL_UNSPECIFIED);
});

Deno.test("approvalWord() tells what is not as ever", () => {
  assert.equal(approvalWord(Approval.ALL), "all");
  assert.equal(approvalWord(Approval.NONE), "none");
  assert.equal(approvalWord(Approval.ASK), "");
  assert.equal(approvalWord(undefined), "");
});
