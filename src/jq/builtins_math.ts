/**
 * Functions of numbers.
 *
 * @module
 */

import { described, negate } from "./arithmetic.ts";
import { besselJ, besselY } from "./bessel.ts";
import { raise } from "./failure.ts";
import type { Json } from "./json.ts";
import { type Native, ofInput, plain } from "./native.ts";
import { compare } from "./order.ts";
import { erf, gamma, logGamma } from "./special_functions.ts";

function numberOf(value: Json | undefined): number {
  if (typeof value === "number") return value;
  return raise(`${described(value ?? null)} number required`);
}

function one(compute: (x: number) => Json): Native {
  return ofInput((input) => compute(numberOf(input)));
}

function two(compute: (x: number, y: number) => number): Native {
  return plain((_, [a, b]) => compute(numberOf(a), numberOf(b)));
}

/** Half goes to the even one. */
function roundEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Half goes away from zero. */
function roundAway(x: number): number {
  const size = Math.abs(x);
  const whole = Math.floor(size);
  return Math.sign(x) * (size - whole >= 0.5 ? whole + 1 : whole);
}

/** The exponent of 2 for which the rest is from 1 up to 2. */
function exponentOf(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return x === 0 ? -Infinity : Infinity;
  let power = Math.floor(Math.log2(Math.abs(x)));
  const rest = Math.abs(x) / 2 ** power;
  if (rest >= 2) power += 1;
  if (rest < 1) power -= 1;
  return power;
}

function frexp(x: number): Json {
  if (x === 0 || !Number.isFinite(x)) return [x, 0];
  const power = exponentOf(x) + 1;
  return [scale(x, -power), power];
}

function scale(x: number, power: number): number {
  const whole = Math.trunc(Math.max(-2200, Math.min(2200, power)));
  const half = Math.trunc(whole / 2);
  return x * 2 ** half * 2 ** (whole - half);
}

function modf(x: number): Json {
  const whole = Math.trunc(x);
  return [Number.isFinite(x) ? x - whole : 0 * Math.sign(x), whole];
}

function remainder(x: number, y: number): number {
  return x - y * roundEven(x / y);
}

function nextAfter(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  if (x === y) return y;
  if (x === 0) return Math.sign(y) * Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigInt64(0);
  view.setBigInt64(0, bits + (y > x === x > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

function power(x: number, y: number): number {
  return x === 1 || (x === -1 && !Number.isFinite(y) && !Number.isNaN(y))
    ? 1
    : x ** y;
}

/** `name/count` to what it does. */
export const MATH_BUILTINS: Readonly<Record<string, Native>> = {
  "infinite/0": plain(() => Infinity),
  "nan/0": plain(() => NaN),
  "isnan/0": one(Number.isNaN),
  "isinfinite/0": one((x) => Math.abs(x) === Infinity),
  "isnormal/0": one((x) =>
    Number.isFinite(x) && Math.abs(x) >= 2.2250738585072014e-308
  ),
  "isfinite/0": one((x) => Math.abs(x) !== Infinity),
  "abs/0": ofInput((input) => compare(input, 0) < 0 ? negate(input) : input),
  "fabs/0": one(Math.abs),
  "floor/0": one(Math.floor),
  "ceil/0": one(Math.ceil),
  "round/0": one(roundAway),
  "trunc/0": one(Math.trunc),
  "rint/0": one(roundEven),
  "nearbyint/0": one(roundEven),
  "sqrt/0": one(Math.sqrt),
  "cbrt/0": one(Math.cbrt),
  "exp/0": one(Math.exp),
  "exp2/0": one((x) => 2 ** x),
  "exp10/0": one((x) => 10 ** x),
  "pow10/0": one((x) => 10 ** x),
  "expm1/0": one(Math.expm1),
  "log/0": one(Math.log),
  "log2/0": one(Math.log2),
  "log10/0": one(Math.log10),
  "log1p/0": one(Math.log1p),
  "sin/0": one(Math.sin),
  "cos/0": one(Math.cos),
  "tan/0": one(Math.tan),
  "asin/0": one(Math.asin),
  "acos/0": one(Math.acos),
  "atan/0": one(Math.atan),
  "sinh/0": one(Math.sinh),
  "cosh/0": one(Math.cosh),
  "tanh/0": one(Math.tanh),
  "asinh/0": one(Math.asinh),
  "acosh/0": one(Math.acosh),
  "atanh/0": one(Math.atanh),
  "logb/0": one(exponentOf),
  "significand/0": one((x) =>
    x === 0 || !Number.isFinite(x) ? x : scale(x, -exponentOf(x))
  ),
  "frexp/0": one(frexp),
  "modf/0": one(modf),
  "erf/0": one(erf),
  "erfc/0": one((x) => 1 - erf(x)),
  "gamma/0": one(logGamma),
  "lgamma/0": one(logGamma),
  "lgamma_r/0": one((x) => [logGamma(x), gamma(x) < 0 ? -1 : 1]),
  "tgamma/0": one(gamma),
  "j0/0": one((x) => besselJ(0, x)),
  "j1/0": one((x) => besselJ(1, x)),
  "jn/2": two(besselJ),
  "y0/0": one((x) => besselY(0, x)),
  "y1/0": one((x) => besselY(1, x)),
  "yn/2": two(besselY),
  "pow/2": two(power),
  "atan2/2": two(Math.atan2),
  "fmod/2": two((x, y) => x % y),
  "drem/2": two(remainder),
  "remainder/2": two(remainder),
  "fmin/2": two((x, y) =>
    Number.isNaN(x) ? y : Number.isNaN(y) ? x : Math.min(x, y)
  ),
  "fmax/2": two((x, y) =>
    Number.isNaN(x) ? y : Number.isNaN(y) ? x : Math.max(x, y)
  ),
  "fdim/2": two((x, y) => x > y ? x - y : 0),
  "hypot/2": two(Math.hypot),
  "copysign/2": two((x, y) =>
    Math.abs(x) * (y < 0 || Object.is(y, -0) ? -1 : 1)
  ),
  "ldexp/2": two(scale),
  "scalb/2": two(scale),
  "scalbln/2": two(scale),
  "nextafter/2": two(nextAfter),
  "nexttoward/2": two(nextAfter),
  "fma/3": plain((_, [x, y, z]) => numberOf(x) * numberOf(y) + numberOf(z)),
};
