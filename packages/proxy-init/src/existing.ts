import { OUTPUT_CHAIN, REDIRECT_CHAIN } from './chains.ts';

/** What an earlier run left in one family's `nat` table. */
export interface Existing {
  redirectChain: boolean;
  outputChain: boolean;
  preroutingJump: boolean;
  outputJump: boolean;
}

export const NOTHING: Existing = {
  redirectChain: false,
  outputChain: false,
  preroutingJump: false,
  outputJump: false,
};

/** Reads the output of `iptables-save -t nat`. */
export function existingIn(saved: string): Existing {
  const lines = saved.split('\n');
  const hasChain = (chain: string) => lines.some((line) => line.startsWith(`:${chain} `));
  const hasJump = (from: string, to: string) =>
    lines.some((line) => line.startsWith(`-A ${from} `) && `${line} `.includes(` -j ${to} `));
  return {
    redirectChain: hasChain(REDIRECT_CHAIN),
    outputChain: hasChain(OUTPUT_CHAIN),
    preroutingJump: hasJump('PREROUTING', REDIRECT_CHAIN),
    outputJump: hasJump('OUTPUT', OUTPUT_CHAIN),
  };
}
