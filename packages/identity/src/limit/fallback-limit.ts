import type { Fallback } from '../fallback.ts';
import type { LimitVerdict } from './gcra.ts';
import type { IssuanceLimit } from './issuance-limit.ts';

/** A shared limit, or this process's own while that one is away. */
export class FallbackLimit implements IssuanceLimit {
  readonly #limits: Fallback<IssuanceLimit>;

  constructor(limits: Fallback<IssuanceLimit>) {
    this.#limits = limits;
  }

  take(identity: string): Promise<LimitVerdict> {
    return this.#limits.ask((limit) => limit.take(identity));
  }
}
