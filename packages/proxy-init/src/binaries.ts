import type { Mode } from './options.ts';
import type { Family } from './subnets.ts';

/** The pair of programs that changes and lists one family's tables. */
export interface Binaries {
  readonly set: string;
  readonly save: string;
}

const SUFFIX: Readonly<Record<Mode, string>> = { legacy: '-legacy', nft: '-nft', plain: '' };
const FALLBACKS: readonly Mode[] = ['nft', 'plain', 'legacy'];

export function binariesOf(mode: Mode, family: Family): Binaries {
  const set = `${family === 'ipv4' ? 'iptables' : 'ip6tables'}${SUFFIX[mode]}`;
  return { set, save: `${set}-save` };
}

/**
 * The pair to use: that of the mode, or the first complete one where a program of it is missing. Where none
 * is complete the wanted pair stays, and fails by its name when it is run.
 */
export function availableBinaries(mode: Mode, family: Family, isInstalled: (program: string) => boolean) {
  const candidates = [mode, ...FALLBACKS].map((candidate) => binariesOf(candidate, family));
  return candidates.find(({ set, save }) => isInstalled(set) && isInstalled(save)) ?? candidates[0]!;
}
