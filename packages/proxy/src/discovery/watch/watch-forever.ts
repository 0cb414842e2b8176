import type {
  DescMessage,
  DescMethodServerStreaming,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import type { Clock } from '../../balance/balancer.ts';
import { type GrpcStatus, StatusCode } from '../../grpc/status.ts';
import { grpcCodeName } from '../../http/grpc-code.ts';
import { Backoff, type BackoffOptions } from '../../http2/backoff.ts';
import type { Logger } from '../../log/logger.ts';
import type { WatchClient } from './watch-client.ts';
import type { WatchKind, WatchMetrics } from './watch-metrics.ts';

/** What every watch of one service shares. */
export interface WatchContext {
  readonly client: WatchClient;
  readonly backoff: BackoffOptions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: WatchMetrics;
  /** Calls back whenever the service can be reached again, until the returned function is called. */
  readonly onReachable?: (listener: () => void) => () => void;
}

/** Once the service can be reached again, all its watches come back within this time, not all at once. */
const RETURN_SPREAD_MS = 1000;

export interface WatchSubject<I extends DescMessage, O extends DescMessage> {
  readonly kind: WatchKind;
  /** What is watched, for logs. */
  readonly name: string;
  readonly method: DescMethodServerStreaming<I, O>;
  readonly request: MessageInitShape<I>;
  /** Statuses after which asking again is pointless. */
  readonly terminal: readonly number[];
  /** `first`: of its stream, so that it stands for the whole state. */
  onMessage(message: MessageShape<O>, first: boolean): void;
  /** The watch is over. */
  onTerminal(status: GrpcStatus): void;
}

/**
 * Keeps a stream open until the returned function is called: however it ends, also in good order, it is
 * opened again after a backoff, which starts over with every message and is cut short when the service is back.
 */
export function watchForever<I extends DescMessage, O extends DescMessage>(
  context: WatchContext,
  subject: WatchSubject<I, O>,
): () => void {
  const { client, clock, metrics, log } = context;
  const { kind, name } = subject;
  const stopped = new AbortController();
  const state = metrics.add(kind, name);
  const backoff = new Backoff(context.backoff, clock.random);
  let failing = false;
  let timer: unknown = null;
  let retryAtMs: number | null = null;

  const attemptIn = (delay: number): void => {
    clock.clearTimeout(timer);
    retryAtMs = clock.now() + delay;
    timer = clock.setTimeout(attempt, delay);
  };

  const attempt = (): void => {
    retryAtMs = null;
    let first = true;
    let open = true;
    const handler = {
      onMessage(message: MessageShape<O>): void {
        if (!open || stopped.signal.aborted) return;
        const started = first;
        first = false;
        backoff.reset();
        failing = false;
        state.lostAtMs = null;
        state.heardAtMs = clock.now();
        state.messages += 1;
        subject.onMessage(message, started);
      },
      onEnd(status: GrpcStatus): void {
        if (!open || stopped.signal.aborted) return;
        open = false;
        onEnd(status);
      },
    };
    client.watch(subject.method, subject.request, handler, stopped.signal);
  };

  const onEnd = (status: GrpcStatus): void => {
    metrics.onEnd(kind, status.code);
    state.lastEnd = status;
    const fields = { watch: kind, name, status: grpcCodeName(status.code), reason: status.message };
    if (subject.terminal.includes(status.code)) {
      log.info('The control plane has nothing to say', fields);
      stop();
      subject.onTerminal(status);
      return;
    }
    state.lostAtMs ??= clock.now();
    const delay = backoff.next();
    if (status.code === StatusCode.Ok) log.debug('Stream ended', fields);
    else if (!failing)
      log.warn('Stream failed; the last state stays in force', { ...fields, retry_ms: delay });
    else log.debug('Stream failed again', { ...fields, retry_ms: delay });
    failing ||= status.code !== StatusCode.Ok;
    attemptIn(delay);
  };

  const hurry = (): void => {
    if (retryAtMs === null) return;
    const delay = clock.random() * RETURN_SPREAD_MS;
    if (clock.now() + delay < retryAtMs) attemptIn(delay);
  };

  const unlisten = context.onReachable?.(hurry);
  const stop = (): void => {
    stopped.abort();
    unlisten?.();
    clock.clearTimeout(timer);
    metrics.drop(state);
  };

  attempt();
  return stop;
}
