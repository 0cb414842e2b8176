const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** A time as what threads can compare and exchange: the bits of the double. */
export function bitsOf(time: number): bigint {
  double[0] = time;
  return bits[0] ?? 0n;
}

export function timeOf(value: bigint): number {
  bits[0] = value;
  return double[0] ?? 0;
}
