import { isIP } from 'node:net';

export type Family = 'ipv4' | 'ipv6';

const FAMILIES: Readonly<Record<number, { family: Family; bits: number }>> = {
  4: { family: 'ipv4', bits: 32 },
  6: { family: 'ipv6', bits: 128 },
};

/** The family of a CIDR, or `undefined` for a text that is none. */
export function familyOfCidr(text: string): Family | undefined {
  const slash = text.indexOf('/');
  const prefix = text.slice(slash + 1);
  const known = slash < 0 ? undefined : FAMILIES[isIP(text.slice(0, slash))];
  if (known === undefined || !/^\d{1,3}$/.test(prefix) || Number(prefix) > known.bits) return undefined;
  return known.family;
}
