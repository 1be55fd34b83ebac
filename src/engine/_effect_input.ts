/**
 * What an effect is given, evaluated when it is asked for; or, where it needs
 * secrets, just before the effect, so that no machine ever holds one.
 *
 * @module
 */

import type { Scope, Template } from "../expr/expression.ts";
import { usesVariable } from "../expr/template.ts";
import type {
  ActivityRequest,
  Authorization,
  Secrets,
} from "../model/durable.ts";
import type { Json } from "../model/json.ts";
import { giveIn, mustBeText, scopeOf } from "./_evaluate.ts";
import type { Place, Walk } from "./_walk.ts";

/** Evaluates the fields of an effect. */
export interface Eyes {
  /** The task's input, after `input.from`. */
  readonly input: Json;
  /** Gives the value of a field. */
  readonly give: (template: Template, what: string) => Json;
  /** Gives the value of a field that must be a text. */
  readonly giveText: (template: Template, what: string) => string;
  /** Gives the value of a field, null when it is not there. */
  readonly optional: (template: Template | undefined, what: string) => Json;
}

/**
 * Makes the input of an activity from the fields of its task.
 *
 * @param build Makes it by looking at fields; it is called when the effect is
 * asked for, or each time just before it runs, and then sees the same.
 */
export function effectInput(
  walk: Walk,
  place: Place,
  build: (eyes: Eyes) => Json,
): Pick<ActivityRequest, "input" | "reveal"> {
  const { reveals } = place.task;
  const look = (): Scope => scopeOf(walk, place, { at: place.input });
  if (reveals === undefined) {
    return { input: build(eyesOf(place, { look, isAuthorized: true })) };
  }
  // What it sees is what there is now, not what there is when it is opened.
  const scope = look();
  return {
    input: null,
    reveal: {
      names: reveals.secrets,
      authorization: reveals.authorization,
      input: (secrets, authorization) => {
        const opened = reveal(place, { scope, secrets, authorization });
        return build(eyesOf(place, {
          look: () => opened,
          isAuthorized: authorization !== undefined,
        }));
      },
    },
  };
}

/** The scope with what was opened, and the input that was made from it. */
function reveal(
  place: Place,
  { scope, secrets, authorization }: {
    readonly scope: Scope;
    readonly secrets: Secrets;
    readonly authorization: Authorization | undefined;
  },
): Scope {
  const opened: Scope = {
    ...scope,
    variables: {
      ...scope.variables,
      secrets,
      ...(authorization === undefined
        ? {}
        : { authorization: { ...authorization } }),
    },
  };
  const { from } = place.task.input;
  if (from === undefined || !usesVariable(from, "secrets")) return opened;
  const input = giveIn(opened, place, { template: from, what: "input.from" });
  return { ...opened, input, variables: { ...opened.variables, input } };
}

/** Eyes that make their scope at the first field that is no constant. */
function eyesOf(
  place: Place,
  { look, isAuthorized }: {
    readonly look: () => Scope;
    readonly isAuthorized: boolean;
  },
): Eyes {
  let scope: Scope | undefined;
  const isEarly = (template: Template): boolean =>
    !isAuthorized && usesVariable(template, "authorization");
  const give = (template: Template, what: string): Json => {
    if (template.kind === "literal") return template.value;
    if (isEarly(template)) return null;
    return giveIn(scope ??= look(), place, { template, what });
  };
  return {
    get input() {
      return (scope ??= look()).input;
    },
    give,
    giveText: (template, what) =>
      isEarly(template)
        ? ""
        : mustBeText(place, { value: give(template, what), what }),
    optional: (template, what) =>
      template === undefined ? null : give(template, what),
  };
}
