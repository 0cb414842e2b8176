import type { DescMessage } from '@bufbuild/protobuf';
import type { Clock } from '../../balance/balancer.ts';
import type { Logger } from '../../log/logger.ts';
import { type WatchContext, type WatchSubject, watchForever } from './watch-forever.ts';
import type { WatchMetrics } from './watch-metrics.ts';

/** What one service of the control plane can be asked to keep this thread informed of. */
export interface Watches {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<WatchMetrics, 'onRefused'>;
  /** Keeps `subject` informed until the returned function is called. What is known may be told before this returns. */
  follow<I extends DescMessage, O extends DescMessage>(subject: WatchSubject<I, O>): () => void;
}

/** A stream for each who asks. */
export const directWatches = (context: WatchContext): Watches => ({
  clock: context.clock,
  log: context.log,
  metrics: context.metrics,
  follow: (subject) => watchForever(context, subject),
});
