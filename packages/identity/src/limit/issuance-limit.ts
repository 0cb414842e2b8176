import type { LimitVerdict } from './gcra.ts';

/** Bounds how often an identity is certified, so that one leaked token cannot keep the issuer busy. */
export interface IssuanceLimit {
  /** Counts one certification. @throws when the limit cannot be told. */
  take(identity: string): Promise<LimitVerdict>;
}
