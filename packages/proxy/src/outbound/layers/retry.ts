import type { Layer, Stack } from '../../exchange/layer.ts';
import { classifyOnRoute } from '../../profile/route-counts.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';
import { RetryClient } from '../retry/retry-client.ts';
import type { RetryRule } from '../retry/retrying-request.ts';

/** Bytes of body up to which a request on a profile's route is sent again. */
const maxBody = 64 * 1024;

/**
 * Requests on a retryable route of a profile go through the layers of `below` as often as it takes, and as
 * the budget of their service lets them. All others pass.
 */
export function retry(below: Stack<OutboundExchange>, now: () => number): Layer<OutboundExchange> {
  return {
    name: 'retry',
    onRequest(x) {
      if (x.profileRoute === null || !x.profileRoute.retryable || !isRepeatable(x)) return undefined;
      const rule = retryRule(x);
      return rule === null ? undefined : x.dispatch(new RetryClient(x, below, rule, maxBody, now), now());
    },
  };
}

/** What wants to leave HTTP is not sent twice. */
const isRepeatable = ({ request }: OutboundExchange): boolean =>
  !request.wantsUpgrade && request.contentLength <= maxBody;

/** null: there is no budget for it. */
function retryRule({ profile, profileRoute: route, request }: OutboundExchange): RetryRule | null {
  if (profile === null || profile.budget === null || route === null) return null;
  const { budget } = profile;
  const counts = profile.retryCounts(route);
  return {
    again(_attempt, head, trailers, repeatable) {
      const { classification } = classifyOnRoute(route, request, head, trailers);
      if (classification === 'success' || !repeatable) {
        budget.deposit();
        return false;
      }
      counts.retryable.inc();
      if (budget.withdraw()) return true;
      counts.noBudget.inc();
      return false;
    },
    onFailure: () => budget.deposit(),
  };
}
