/**
 * Functions of mathematics that JavaScript has not.
 *
 * @module
 */

/** Coefficients of Lanczos for g = 7. */
const LANCZOS: readonly number[] = [
  0.99999999999980993,
  676.5203681218851,
  -1259.1392167224028,
  771.32342877765313,
  -176.61502916214059,
  12.507343278686905,
  -0.13857109526572012,
  9.9843695780195716e-6,
  1.5056327351493116e-7,
];
const FACTORIAL_MAX = 170;
/** Terms that are summed up; no more change the result. */
const TERMS_MAX = 200;

/** The gamma function. */
export function gamma(x: number): number {
  if (Number.isInteger(x)) {
    if (x <= 0) return x === 0 ? 1 / x : NaN;
    if (x - 1 > FACTORIAL_MAX) return Infinity;
    let product = 1;
    for (let i = 2; i < x; i++) product *= i;
    return product;
  }
  if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x));
  const { sum, base } = lanczos(x);
  // In two halves: the whole power is too large long before the result is.
  const half = base ** ((x - 0.5) / 2);
  return Math.sqrt(2 * Math.PI) * half * Math.exp(-base) * half * sum;
}

/** The logarithm of the size of the gamma function. */
export function logGamma(x: number): number {
  if (Number.isInteger(x) && x <= 0) return Infinity;
  if (Number.isInteger(x) && x <= 20) return Math.log(gamma(x));
  if (x < 0.5) {
    return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) -
      logGamma(1 - x);
  }
  const { sum, base } = lanczos(x);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base +
    Math.log(sum);
}

function lanczos(x: number) {
  const [first = 0, ...others] = LANCZOS;
  const sum = others.reduce((total, it, i) => total + it / (x + i), first);
  return { sum, base: x + 6.5 };
}

/** The error function. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  let term = size;
  let sum = size;
  for (let n = 1; n < TERMS_MAX; n++) {
    term *= (2 * size * size) / (2 * n + 1);
    sum += term;
  }
  return Math.sign(x) * sum * 2 / Math.sqrt(Math.PI) * Math.exp(-size * size);
}
