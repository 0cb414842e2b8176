import type { WatchState } from '../discovery/watch/watch-metrics.ts';
import { grpcCodeName } from '../http/grpc-code.ts';
import { clipped, listed, seconds } from './listed.ts';

const maxWatches = 1000;

/** What the control plane is asked to keep this proxy informed of; `now`: monotonic milliseconds. */
export function describeWatches(watches: Iterable<WatchState>, now: number) {
  return listed(watches, maxWatches, (watch) => ({
    kind: watch.kind,
    name: clipped(watch.name),
    state: stateOf(watch),
    messages: watch.messages,
    openForSeconds: seconds(now - watch.openedAtMs),
    ...(watch.heardAtMs === null ? {} : { lastMessageSecondsAgo: seconds(now - watch.heardAtMs) }),
    ...(watch.lostAtMs === null ? {} : { withoutStreamSeconds: seconds(now - watch.lostAtMs) }),
    ...(watch.lastEnd === null
      ? {}
      : { lastEnd: `${grpcCodeName(watch.lastEnd.code)} ${clipped(watch.lastEnd.message)}`.trimEnd() }),
  }));
}

/** `stale`: what was known last is in force. `unanswered`: nothing has ever been known. */
function stateOf({ messages, lostAtMs }: WatchState): 'waiting' | 'unanswered' | 'current' | 'stale' {
  if (messages === 0) return lostAtMs === null ? 'waiting' : 'unanswered';
  return lostAtMs === null ? 'current' : 'stale';
}
