import type { ProfileRoute } from '@weft/policy';
import { isGrpcRequest } from '../../http/classify.ts';
import type { HeaderList, ResponseHead } from '../../http/message.ts';
import type { RetryBudget } from '../../profile/retry-budget.ts';
import { classifyOnRoute } from '../../profile/route-counts.ts';
import type { ProfileRouting } from '../profile-routing.ts';
import type { OutboundAttempt } from './outbound-attempt.ts';
import type { Replay, RetryRule } from './retry-rule.ts';

/** The retries of a profile's route: after what it calls failures, as far as the service's budget goes. */
export class ProfileRetry implements RetryRule {
  readonly maxBody = 64 * 1024;
  readonly #route: ProfileRoute;
  readonly #budget: RetryBudget;
  readonly #profile: ProfileRouting;

  constructor(route: ProfileRoute, budget: RetryBudget, profile: ProfileRouting) {
    this.#route = route;
    this.#budget = budget;
    this.#profile = profile;
  }

  headLimitMs(): null {
    return null;
  }

  trailersMatter({ request }: OutboundAttempt): boolean {
    return this.#route.responseClasses.length > 0 || isGrpcRequest(request);
  }

  wantsAnother(
    { request }: OutboundAttempt,
    head: ResponseHead,
    trailers: HeaderList | null,
    { complete }: Replay,
  ): boolean {
    const { classification } = classifyOnRoute(this.#route, request, head, trailers);
    if (classification === 'success' || !complete) {
      this.#budget.deposit();
      return false;
    }
    const counts = this.#profile.retryCounts(this.#route);
    counts.retryable.inc();
    if (this.#budget.withdraw()) return true;
    counts.noBudget.inc();
    return false;
  }

  /** Without an answer there is nothing that a route's classes could judge. */
  survives(): false {
    this.#budget.deposit();
    return false;
  }

  waitMs(): 0 {
    return 0;
  }

  resend(): true {
    return true;
  }
}
