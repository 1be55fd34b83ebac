/**
 * The functions of Bessel, of both kinds and of whole orders.
 *
 * Up to a bound they come from the recurrence between their orders, run from
 * high orders down (Miller), where it is stable, and from the series of Neumann
 * over those; above it from the expansion of Hankel, whose terms are then less
 * than the last digit.
 *
 * @module
 */

import { steps } from "./fuel.ts";

/** From here on the expansion is exact to the last digit. */
const HANKEL_MIN = 25;
const HANKEL_TERMS = 60;
const EULER = 0.5772156649015329;
/** Above this, numbers that are run down are made smaller. */
const SCALE_MAX = 1e250;
/** Orders are run down from so far above what is asked for. */
const EXTRA_ORDERS = 40;
const ORDER_MAX = 2 ** 31 - 1;

/** The function of the first kind. */
export function besselJ(order: number, x: number): number {
  const n = Math.trunc(order);
  if (Number.isNaN(x) || Number.isNaN(n)) return NaN;
  const size = Math.abs(n);
  const sign = size % 2 === 1 && (n < 0) !== (x < 0) ? -1 : 1;
  return sign * ofPositive(size, Math.abs(x));
}

/** The function of the second kind. */
export function besselY(order: number, x: number): number {
  const n = Math.trunc(order);
  if (Number.isNaN(x) || Number.isNaN(n) || x < 0) return NaN;
  const size = Math.abs(n);
  const sign = n < 0 && size % 2 === 1 ? -1 : 1;
  if (x === 0) return sign * -Infinity;
  if (x === Infinity) return 0;
  const { zero, one } = x >= HANKEL_MIN ? hankelPair(x) : neumann(x);
  if (size === 0) return zero;
  return sign * upward(size, x, [zero, one]);
}

function ofPositive(n: number, x: number): number {
  if (x === 0) return n === 0 ? 1 : 0;
  if (x === Infinity) return 0;
  if (x >= HANKEL_MIN && n <= 1) return hankel(n, x).first;
  if (x > n && x >= HANKEL_MIN) {
    return upward(n, x, [hankel(0, x).first, hankel(1, x).first]);
  }
  return downward(n, x).wanted;
}

/** Runs the recurrence up, which is stable below `x` and for the second kind. */
function upward(
  n: number,
  x: number,
  [zero, one]: readonly [number, number],
): number {
  let before = zero;
  let value = one;
  for (let k = 1; k < Math.min(n, ORDER_MAX); k++) {
    steps(1);
    const next = 2 * k / x * value - before;
    before = value;
    value = next;
    if (!Number.isFinite(value)) return value;
  }
  return value;
}

interface Run {
  /** Of the order that is asked for. */
  readonly wanted: number;
  /** Of all even and odd orders, those that the second kind is summed of. */
  readonly values: readonly number[];
}

/** Runs the recurrence down; what it starts with is forgotten on the way. */
function downward(n: number, x: number): Run {
  const top = Math.min(n, ORDER_MAX);
  const high = Math.max(top, Math.ceil(x));
  const start = 2 *
    Math.ceil((high + EXTRA_ORDERS + Math.sqrt(EXTRA_ORDERS * high)) / 2);
  const kept = Math.min(start, 2 * HANKEL_MIN + 4 * EXTRA_ORDERS);
  const values: number[] = [];
  let above = 0;
  let value = 1e-300;
  let sum = 0;
  let wanted = 0;
  for (let k = start; k >= 0; k--) {
    steps(1);
    if (k <= kept) values[k] = value;
    if (k === top) wanted = value;
    if (k % 2 === 0) sum += k === 0 ? value : 2 * value;
    const below = 2 * k / x * value - above;
    above = value;
    value = below;
    if (Math.abs(value) < SCALE_MAX) continue;
    above /= SCALE_MAX;
    value /= SCALE_MAX;
    sum /= SCALE_MAX;
    wanted /= SCALE_MAX;
    for (let i = k; i <= kept; i++) values[i] = (values[i] ?? 0) / SCALE_MAX;
  }
  return { wanted: wanted / sum, values: values.map((it) => it / sum) };
}

/** The second kind of orders 0 and 1, summed of the first kind. */
function neumann(x: number): { readonly zero: number; readonly one: number } {
  const { values } = downward(0, x);
  const [first = 0, second = 0] = values;
  const log = Math.log(x / 2) + EULER;
  let zero = 0;
  let one = 0;
  for (let k = 1; 2 * k + 1 < values.length; k++) {
    const sign = k % 2 === 0 ? 1 : -1;
    zero += sign * (values[2 * k] ?? 0) / k;
    one += sign * ((values[2 * k - 1] ?? 0) - (values[2 * k + 1] ?? 0)) / k;
  }
  return {
    zero: 2 / Math.PI * (log * first - 2 * zero),
    one: 2 / Math.PI * (log * second - first / x + one),
  };
}

function hankelPair(x: number) {
  return { zero: hankel(0, x).second, one: hankel(1, x).second };
}

/** Both kinds of order 0 or 1, for large arguments. */
function hankel(n: number, x: number) {
  let even = 1;
  let odd = 0;
  let term = 1;
  for (let k = 1; k < HANKEL_TERMS; k++) {
    const next = term * (4 * n * n - (2 * k - 1) ** 2) / (8 * k * x);
    if (Math.abs(next) >= Math.abs(term)) break;
    term = next;
    const sign = k % 4 === 0 || k % 4 === 1 ? 1 : -1;
    if (k % 2 === 0) even += sign * term;
    else odd += sign * term;
    if (Math.abs(term) < Number.EPSILON / 8) break;
  }
  // The phase is x - π/4 or x - 3π/4; taken apart, no digits of x are lost.
  const sin = Math.sin(x);
  const cos = Math.cos(x);
  const [c, s] = n === 0 ? [cos + sin, sin - cos] : [sin - cos, -sin - cos];
  const size = 1 / Math.sqrt(Math.PI * x);
  return {
    first: size * (even * c - odd * s),
    second: size * (even * s + odd * c),
  };
}
