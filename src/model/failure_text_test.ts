import { strictEqual } from "node:assert/strict";
import { failureText } from "./failure_text.ts";

Deno.test("failureText() is the most exact of what a failure says", () => {
  const failure = { type: "https://a.b/c", title: "Not yet", detail: "In use" };
  strictEqual(failureText(failure), "In use");
  strictEqual(failureText({ ...failure, detail: "" }), "Not yet");
  strictEqual(
    failureText({ ...failure, detail: "", title: "" }),
    "https://a.b/c",
  );
  strictEqual(failureText(undefined), "");
});
