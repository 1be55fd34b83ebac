import { deepStrictEqual, throws } from "node:assert/strict";
import { parseFeature } from "./gherkin.ts";

const FEATURE = `Feature: Sums
  As an implementer
  I want sums

  # the first
  Scenario: One and one
    Given a workflow with definition:
      """yaml
      a:
        b: 1 #not a comment of ours

      c: 2
      """
    When it runs
    Then it is done
  Scenario: Two
    And X should run first
`;

Deno.test("parseFeature() reads scenarios, steps and their texts", () => {
  deepStrictEqual(parseFeature(FEATURE), {
    name: "Sums",
    scenarios: [
      {
        name: "One and one",
        steps: [
          {
            text: "a workflow with definition:",
            document: "a:\n  b: 1 #not a comment of ours\n\nc: 2",
            line: 7,
          },
          { text: "it runs", document: undefined, line: 14 },
          { text: "it is done", document: undefined, line: 15 },
        ],
      },
      {
        name: "Two",
        steps: [
          { text: "X should run first", document: undefined, line: 17 },
        ],
      },
    ],
  });
});

Deno.test("parseFeature() refuses what it does not know", () => {
  throws(() => parseFeature("nothing"), /There is no feature/);
  throws(
    () => parseFeature("Feature: a\nScenario: b\nExamples:\n"),
    /Line 3 is no step: Examples:/,
  );
  throws(
    () => parseFeature('Feature: a\nScenario: b\nGiven c\n"""\nopen'),
    /Line 4: the text does not end/,
  );
});
