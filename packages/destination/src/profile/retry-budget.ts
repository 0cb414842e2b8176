import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ServiceProfile } from '@weft/kubernetes';
import type { RetryBudgetSchema } from '@weft/proto/destination';
import { parseDuration } from '@weft/service';
import { encodeDuration } from '../wire/duration.ts';

type Init = MessageInitShape<typeof RetryBudgetSchema>;

/** What proxies may retry when nobody said otherwise. */
export const defaultRetryBudget: Init = {
  retryRatio: 0.2,
  minRetriesPerSecond: 10,
  ttl: encodeDuration(10_000),
};

/** Undefined when the time to live is no duration: a budget that cannot be kept is none. */
export function retryBudget(budget: ServiceProfile['spec']['retryBudget']): Init | undefined {
  if (budget === undefined) return defaultRetryBudget;
  const ttl = parseDuration(budget.ttl);
  if (ttl === undefined) return undefined;
  const { retryRatio, minRetriesPerSecond } = budget;
  return { retryRatio, minRetriesPerSecond, ttl: encodeDuration(Math.round(ttl)) };
}
