/**
 * Goes along all spellings of all forms at once: a deterministic automaton of
 * which only the states are made that a text leads to.
 *
 * @module
 */

import type { Form } from "./_forms.ts";

/** States that are kept before it begins anew. */
const STATES_MAX = 65_536;

/** What stands at a place of a text. */
export interface Found {
  /** Where the longest ends that stands there; absent for none. */
  readonly end: number | undefined;
  /** Whether the text ends in the middle of one. */
  readonly isCut: boolean;
}

/** Looks at one place of a text for the longest that begins there. */
export type FindAt = (text: string, at: number) => Found;

/** How far a form has come. */
interface Place {
  readonly form: Form;
  /** What is still to come of the spelling that was begun. */
  readonly rest: string;
  /** Number of the unit after that. */
  readonly unit: number;
}

interface State {
  readonly places: readonly Place[];
  /** Whether a form ends here. */
  readonly isEnd: boolean;
  /** The code unit that came first, and where it leads. */
  code: number;
  to: State | undefined;
  /** The others; most states have none. */
  others: Map<number, State | undefined> | undefined;
}

const NOWHERE: Found = { end: undefined, isCut: false };

/** Makes what finds forms. */
export function createFindAt(forms: readonly Form[]): FindAt {
  const ids = new Map(forms.map((form, id) => [form, id]));
  const begin = (): State =>
    stateOf(forms.map((form) => ({ form, rest: "", unit: 0 })), ids);
  let start = begin();
  let made = 0;
  const step = (state: State, code: number): State | undefined => {
    if (state.code === code) return state.to;
    const known = state.others?.get(code);
    if (known !== undefined || state.others?.has(code) === true) return known;
    const places = state.places.flatMap((place) => after(place, code));
    const next = places.length === 0 ? undefined : stateOf(places, ids);
    note(state, code, next);
    if (next !== undefined && ++made > STATES_MAX) {
      start = begin();
      made = 0;
    }
    return next;
  };
  return (text, at) => {
    let state: State | undefined = start;
    let end: number | undefined;
    for (let i = at; i < text.length; i++) {
      state = step(state, text.charCodeAt(i));
      if (state === undefined) {
        return end === undefined ? NOWHERE : { end, isCut: false };
      }
      if (state.isEnd) end = i + 1;
    }
    return { end, isCut: state.places.length > 0 };
  };
}

/** Where a form comes by one code unit. */
function after({ form, rest, unit }: Place, code: number): readonly Place[] {
  if (rest !== "") {
    return rest.charCodeAt(0) === code
      ? [{ form, rest: rest.slice(1), unit }]
      : [];
  }
  const rests = form.units[unit]?.restsOf(code) ?? [];
  return rests.map((it) => ({ form, rest: it, unit: unit + 1 }));
}

function stateOf(
  places: readonly Place[],
  ids: ReadonlyMap<Form, number>,
): State {
  const [first] = places;
  if (places.length === 1 && first !== undefined && !mayDrop(first)) {
    const isEnd = hasEnded(first);
    return newState(isEnd ? [] : places, isEnd);
  }
  const distinct = new Map<string, Place>();
  let isEnd = false;
  const add = (place: Place): void => {
    const { form, rest, unit } = place;
    const key = `${ids.get(form)}:${unit}:${rest}`;
    if (distinct.has(key)) return;
    if (hasEnded(place)) {
      isEnd = true;
      return;
    }
    distinct.set(key, place);
    // What may be left out is gone past at once.
    if (mayDrop(place)) {
      add({ form, rest, unit: unit + 1 });
    }
  };
  for (const place of places) add(place);
  return newState([...distinct.values()], isEnd);
}

function newState(places: readonly Place[], isEnd: boolean): State {
  return { places, isEnd, code: -1, to: undefined, others: undefined };
}

function note(state: State, code: number, to: State | undefined): void {
  if (state.code < 0) {
    state.code = code;
    state.to = to;
  } else (state.others ??= new Map()).set(code, to);
}

function hasEnded({ form, rest, unit }: Place): boolean {
  return rest === "" && unit === form.units.length;
}

function mayDrop({ form, rest, unit }: Place): boolean {
  return rest === "" && form.units[unit]?.bytesMin === 0;
}
