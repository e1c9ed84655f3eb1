// Student's t for few degrees of freedom: how much wider an interval from few blocks must be than one from many.

const ROUNDS = 60;
const T_MAX = 1e4;

/** P(T ≤ t) for whole degrees of freedom, by the closed series of Abramowitz and Stegun 26.7.3 and 26.7.4. */
export function studentCdf(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine;
    sum += term;
  }
  const within = isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
  return (1 + within) / 2;
}

/** The t below which T stays with this probability (over a half). */
export function studentQuantile(probability: number, degrees: number): number {
  let low = 0;
  let high = T_MAX;
  for (let round = 0; round < ROUNDS; round++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, degrees) < probability) low = middle;
    else high = middle;
  }
  return high;
}
