import type { Clock } from '../../balance/balancer.ts';
import type { Layer, Stack } from '../../exchange/layer.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';
import { askedRetry } from '../retry/asked-retry.ts';
import { PolicyRetry } from '../retry/policy-retry.ts';
import { ProfileRetry } from '../retry/profile-retry.ts';
import { RetryClient } from '../retry/retry-client.ts';
import type { RetryRule } from '../retry/retry-rule.ts';

/**
 * Requests whose route says so go through the layers of `below` as often as it takes, and as the route or
 * the budget of their service lets them. All others pass.
 */
export function retry(below: Stack<OutboundExchange>, clock: Clock): Layer<OutboundExchange> {
  return {
    name: 'retry',
    onRequest(x) {
      const rule = x.rule === null ? profileRetry(x) : policyRetry(x, clock.random);
      if (rule === null || !isRepeatable(x, rule)) return undefined;
      return x.dispatch(new RetryClient(x, below, rule, clock), clock.now());
    },
  };
}

/** What wants to leave HTTP is not sent twice. */
const isRepeatable = ({ request }: OutboundExchange, { maxBody }: RetryRule): boolean =>
  !request.wantsUpgrade && request.contentLength <= maxBody;

function policyRetry(x: OutboundExchange, random: () => number): RetryRule | null {
  const { rule, routeMeta } = x;
  if (rule === null || routeMeta === null) return null;
  const wanted = rule.allowL5dHeaders ? askedRetry(rule.retry, x.request.headers) : rule.retry;
  return wanted === null
    ? null
    : new PolicyRetry(wanted, x, x.logical.series.retry(routeMeta, x.hostname), random);
}

/** null: the route has none, or there is no budget for it. */
function profileRetry({ profile, profileRoute: route }: OutboundExchange): RetryRule | null {
  if (profile === null || profile.budget === null || route === null || !route.retryable) return null;
  return new ProfileRetry(route, profile.budget, profile);
}
