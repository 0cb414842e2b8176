import { describeConnections } from '../debug-state/describe-connections.ts';
import { WatchMetrics } from '../discovery/watch/watch-metrics.ts';
import { createRelease } from '../lifecycle/return-memory.ts';
import { Backlog } from '../threads/backlog.ts';
import { ConnectionBalance } from '../threads/connection-balance.ts';
import type { Link } from '../threads/link.ts';
import type { ToMain, ToWorker } from '../threads/messages.ts';
import { RemoteWatches } from '../threads/remote-watches.ts';
import { SharedBuckets } from '../threads/shared-buckets.ts';
import { clockOf } from '../threads/shared-clock.ts';
import { SharedSessions } from '../threads/shared-sessions.ts';
import { feedTaps } from '../threads/shared-taps.ts';
import type { ThreadContext } from '../threads/thread-context.ts';
import type { WorkerData } from '../threads/worker-data.ts';
import type { Credentials } from '../tls/credentials.ts';
import type { Span } from '../trace/span.ts';
import { handleOf } from '../transport/handles.ts';
import { trimMemory } from '../transport/libc.ts';
import type { ControlWatches } from './discovery.ts';
import type { TrafficListeners } from './listeners.ts';
import type { Runtime } from './runtime.ts';
import { maxAccessBacklog } from './worker-logs.ts';

/** The side of a worker in what it and the main thread have to do with one another. */
type WorkerLink = Link<ToWorker, ToMain>;

export function workerContext(
  link: WorkerLink,
  { accessBacklog, clockZero, memory, thread, threads }: WorkerData,
): ThreadContext {
  const buckets = new SharedBuckets(memory.buckets);
  const backlog = new Backlog(accessBacklog, maxAccessBacklog);
  return {
    thread,
    threads,
    now: clockOf(clockZero),
    balance: new ConnectionBalance(memory.connections, threads, thread, (to, side, fd) =>
      link.post({ kind: 'connection', side, fd, thread: to }),
    ),
    buckets: buckets.bucket.bind(buckets),
    remoteTaps: null,
    writeAccessLog: (bytes, done) => {
      const room = backlog.add(bytes.length);
      if (room) link.post({ kind: 'access-lines', bytes });
      done(room ? null : new Error('the main thread does not keep up with the access log'));
    },
  };
}

/** The main thread has itself certified for all. */
export function followCredentials(link: WorkerLink, credentials: Credentials): void {
  link.on('credentials', ({ key, leaf, intermediates, bundle, sessions }) =>
    credentials.replace({ key, leaf, intermediates }, bundle, new SharedSessions(sessions)),
  );
}

/** The control plane, by way of the main thread. */
export function watchesOf(link: WorkerLink, { clock, logs, registry }: Runtime): ControlWatches {
  const remote = new RemoteWatches(link);
  const metrics = new WatchMetrics(registry, clock.now);
  const log = (name: string) => logs.logger(`linkerd_proxy_${name}`);
  return {
    destination: remote.of('destination', { clock, metrics, log: log('destination') }),
    policy: remote.of('policy', { clock, metrics, log: log('policy') }),
  };
}

/** The main thread takes them into its queue at once. */
export const sendSpans =
  (link: WorkerLink) =>
  async (spans: readonly Span[]): Promise<void> => {
    const taken = link.next('spans-taken');
    link.post({ kind: 'spans', spans });
    await taken;
  };

/** Connections that other threads hand over, also while this one still binds. */
export function takeConnections(
  link: WorkerLink,
  binding: Promise<TrafficListeners>,
  balance: ConnectionBalance | null,
): void {
  link.on('connection', async ({ side, fd }) => adopt(await binding, balance, side, fd));
}

export function adopt(
  { inbound, outbound }: TrafficListeners,
  balance: ConnectionBalance | null,
  side: 'inbound' | 'outbound',
  fd: number,
): void {
  const listener = side === 'inbound' ? inbound : outbound[0];
  const handle = handleOf(fd);
  balance?.adopted(side, handle);
  if (handle !== null) listener?.adopt(handle);
}

/** What the main thread wants to know, and to have done. */
export function answerMainThread(link: WorkerLink, runtime: Runtime): void {
  const { clock, connections, context, debugState, registry, taps } = runtime;
  debugState.section('thread', () => describeThread(runtime));
  debugState.section('connections', () => describeConnections(connections, clock.now()));
  feedTaps(link, taps, context.thread);
  link.on('count', () => {
    const families = registry.snapshot(Date.now());
    link.post(
      { kind: 'counted', families },
      families.map(({ values }) => values.buffer as ArrayBuffer),
    );
  });
  link.on('describe', () => link.post({ kind: 'described', state: debugState.describe() }));
  link.on('ping', () => link.post({ kind: 'alive' }));
  let release: (() => void) | null = null;
  link.on('release-memory', () => {
    release ??= createRelease(trimMemory);
    release();
  });
}

/** One thread among several, by the number that it has in the log. */
export function describeThread({ context, drain }: Runtime) {
  return {
    thread: context.thread + 1,
    openWork: drain.size,
    draining: drain.started,
    inbound: context.balance?.count('inbound'),
    outbound: context.balance?.count('outbound'),
  };
}
