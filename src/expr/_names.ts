/**
 * Resolves the names of a program: its own, those it is given, and those of
 * jq.
 *
 * @module
 */

import { didYouMean } from "../model/near.ts";
import {
  BUILTINS,
  PRELUDE,
  REFUSED_FUNCTIONS,
  REFUSED_VARIABLES,
} from "./builtins.ts";
import type { Cursor } from "./_cursor.ts";
import type { Token } from "./tokens.ts";

/** Names in effect at one point of a program. */
export interface Names {
  readonly functions: ReadonlySet<string>;
  readonly variables: ReadonlySet<string>;
  readonly labels: ReadonlySet<string>;
}

/** The names with more variables. */
export function withVariables(names: Names, bound: readonly string[]): Names {
  return { ...names, variables: new Set([...names.variables, ...bound]) };
}

/** Resolves names and notes what a program takes from outside. */
export class Resolver {
  readonly #cursor: Cursor;
  readonly #known: ReadonlySet<string> | undefined;
  /** Variables that it takes from outside, without `$`. */
  readonly free: Set<string> = new Set<string>();
  /** Functions of the prelude that it calls, as `name/arity`. */
  readonly prelude: Set<string> = new Set<string>();

  /** @param known The variables there are outside; absent means any. */
  constructor(cursor: Cursor, known: ReadonlySet<string> | undefined) {
    this.#cursor = cursor;
    this.#known = known;
  }

  /** Resolves the call of a function with so many arguments. */
  call(token: Token, count: number, names: Names): void {
    const name = `${token.text}/${count}`;
    if (names.functions.has(name)) return;
    if (Object.hasOwn(REFUSED_FUNCTIONS, token.text)) {
      const why = REFUSED_FUNCTIONS[token.text];
      this.#cursor.fail(`"${token.text}" is not allowed here: ${why}`, {
        token,
      });
    }
    if (BUILTINS.has(name)) return;
    if (Object.hasOwn(PRELUDE, name)) {
      this.prelude.add(name);
      return;
    }
    this.#unknownFunction(token, { count, names });
  }

  #unknownFunction(
    token: Token,
    call: { readonly count: number; readonly names: Names },
  ): never {
    const every = [
      ...BUILTINS,
      ...Object.keys(PRELUDE),
      ...call.names.functions,
    ];
    const counts = every.filter((name) => name.startsWith(`${token.text}/`))
      .map((name) => name.slice(token.text.length + 1));
    if (counts.length > 0) {
      this.#cursor.fail(
        `Function "${token.text}" takes ${
          counts.join(" or ")
        } arguments, not ${call.count}`,
        { token },
      );
    }
    if (this.#known?.has(token.text)) {
      this.#cursor.fail(`Unknown function "${token.text}"`, {
        token,
        hint: `Write "$${token.text}" for the variable`,
      });
    }
    if (/^[A-Z_][A-Z0-9_]*$/.test(token.text)) {
      this.#cursor.fail(`Unknown function "${token.text}"`, {
        token,
        hint: `Write "$env.${token.text}" for the variable`,
      });
    }
    this.#cursor.fail(`Unknown function "${token.text}"`, {
      token,
      ...didYouMean(token.text, every.map((name) => name.split("/")[0] ?? "")),
    });
  }

  /** Resolves a variable. */
  variable(token: Token, names: Names): void {
    if (names.variables.has(token.text)) return;
    if (Object.hasOwn(REFUSED_VARIABLES, token.text)) {
      const why = REFUSED_VARIABLES[token.text];
      this.#cursor.fail(`"$${token.text}" is not allowed here: ${why}`, {
        token,
      });
    }
    if (this.#known !== undefined && !this.#known.has(token.text)) {
      const every = [...this.#known, ...names.variables].map((v) => `$${v}`);
      this.#cursor.fail(`Unknown variable "$${token.text}"`, {
        token,
        ...didYouMean(`$${token.text}`, every),
      });
    }
    this.free.add(token.text);
  }
}
