import type {
  DescMessage,
  DescMethodServerStreaming,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import type { Clock } from '../balance/balancer.ts';
import type { WatchClient, WatchHandler } from '../discovery/watch/watch-client.ts';
import { StatusCode } from '../grpc/status.ts';

/** Bounds of a stream, milliseconds; undefined: none. */
export interface StreamLimits {
  /** Up to the first message; the idle bound holds when this is not set. */
  readonly initialMs: number | undefined;
  /** Between messages. */
  readonly idleMs: number | undefined;
  readonly lifetimeMs: number | undefined;
}

/**
 * Streams that do not grow stale: one without its first message in time fails, one that is silent or old
 * ends in good order, and the watcher opens another.
 */
export class LimitedWatchClient implements WatchClient {
  readonly #client: WatchClient;
  readonly #limits: StreamLimits;
  readonly #clock: Clock;

  constructor(client: WatchClient, limits: StreamLimits, clock: Clock) {
    this.#client = client;
    this.#limits = limits;
    this.#clock = clock;
  }

  watch<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    handler: WatchHandler<MessageShape<O>>,
    signal: AbortSignal,
  ): void {
    const { idleMs, initialMs, lifetimeMs } = this.#limits;
    const stop = new AbortController();
    let idle: unknown = null;
    let lifetime: unknown = null;
    let over = false;
    const finish = (status: { code: number; message: string } | null): void => {
      if (over) return;
      over = true;
      this.#clock.clearTimeout(idle);
      this.#clock.clearTimeout(lifetime);
      signal.removeEventListener('abort', onAbort);
      stop.abort();
      if (status !== null) handler.onEnd(status);
    };
    const onAbort = () => finish(null);
    const arm = (ms: number | undefined, code: number, message: string): unknown =>
      ms === undefined ? null : this.#clock.setTimeout(() => finish({ code, message }), ms);
    const initial = initialMs ?? idleMs;
    idle = arm(initial, StatusCode.DeadlineExceeded, `no message within ${initial} ms`);
    lifetime = arm(lifetimeMs, StatusCode.Ok, 'the stream has reached its lifetime');
    signal.addEventListener('abort', onAbort, { once: true });
    this.#client.watch(
      method,
      request,
      {
        onMessage: (message) => {
          if (over) return;
          this.#clock.clearTimeout(idle);
          idle = arm(idleMs, StatusCode.Ok, 'the stream was silent');
          handler.onMessage(message);
        },
        onEnd: finish,
      },
      stop.signal,
    );
  }
}
