import { randomInt } from 'node:crypto';

/** The letters Kubernetes uses: no vowels, so that no word comes about. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Five characters that tell the pods of one workload apart. */
export function randomSuffix(): string {
  return Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
