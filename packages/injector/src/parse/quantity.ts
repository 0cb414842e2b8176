import { type Parsed, parsed, unparsable } from './parsed.ts';

const QUANTITY = /^([+-]?)(\d+)?(?:\.(\d*))?(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,3}))?$/;
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

/** A Kubernetes quantity, kept as written beside its value rounded up to a whole number. */
export interface Quantity {
  readonly text: string;
  readonly roundedUp: number;
}

export function parseQuantity(text: string): Parsed<Quantity> {
  const match = QUANTITY.exec(text);
  const [, sign = '', whole = '', fraction = '', binary, decimal, exponent] = match ?? [];
  if (match === null || whole + fraction === '') {
    return unparsable('a Kubernetes quantity such as 100m, 0.5 or 64Mi');
  }
  let numerator = BigInt(whole + fraction) * (binary === undefined ? 1n : 1024n ** power(binary));
  const tens = (decimal === undefined ? Number(exponent ?? 0) : DECIMAL[decimal]!) - fraction.length;
  if (tens > 0) numerator *= 10n ** BigInt(tens);
  const denominator = tens < 0 ? 10n ** BigInt(-tens) : 1n;
  const roundedUp =
    sign === '-' ? -Number(numerator / denominator) : Number((numerator + denominator - 1n) / denominator);
  return parsed({ text, roundedUp });
}

function power(suffix: string): bigint {
  return BigInt(BINARY.indexOf(suffix) + 1);
}
