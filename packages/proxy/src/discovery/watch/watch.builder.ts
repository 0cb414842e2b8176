import {
  create,
  type DescMessage,
  type DescMethodServerStreaming,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { FakeClock } from '../../balance/balancer.builder.ts';
import { Registry } from '../../metrics/registry.ts';
import { RecordingLogger } from '../../transport/recording-logger.builder.ts';
import type { WatchClient, WatchHandler } from './watch-client.ts';
import type { WatchContext } from './watch-forever.ts';
import { WatchMetrics } from './watch-metrics.ts';
import { directWatches, type Watches } from './watches.ts';

/** One stream, played from the side of the control plane. */
export class FakeStream {
  readonly method: DescMethodServerStreaming;
  readonly request: unknown;
  readonly signal: AbortSignal;
  ended = false;
  readonly #handler: WatchHandler<MessageShape<DescMessage>>;

  constructor(
    method: DescMethodServerStreaming,
    request: unknown,
    handler: WatchHandler<MessageShape<DescMessage>>,
    signal: AbortSignal,
  ) {
    this.method = method;
    this.request = request;
    this.#handler = handler;
    this.signal = signal;
  }

  get open(): boolean {
    return !this.ended && !this.signal.aborted;
  }

  send<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): void {
    this.#handler.onMessage(create(schema, init));
  }

  end(code: number, message = ''): void {
    this.ended = true;
    this.#handler.onEnd({ code, message });
  }
}

/** A control plane that answers when the test says so. */
export class FakeWatchClient implements WatchClient {
  readonly streams: FakeStream[] = [];

  watch<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    handler: WatchHandler<MessageShape<O>>,
    signal: AbortSignal,
  ): void {
    // The test sends what the method streams.
    const untyped = handler as WatchHandler<MessageShape<DescMessage>>;
    this.streams.push(new FakeStream(method, request, untyped, signal));
  }

  /** The streams of that method, in the order in which they were opened. */
  of(method: string): FakeStream[] {
    return this.streams.filter((stream) => stream.method.name === method);
  }

  /** The latest stream of that method. */
  last(method: string): FakeStream {
    const stream = this.of(method).at(-1);
    if (stream === undefined) throw new Error(`no stream of ${method}`);
    return stream;
  }
}

export interface FakeWatches {
  readonly client: FakeWatchClient;
  readonly clock: FakeClock;
  readonly log: RecordingLogger;
  readonly registry: Registry;
  readonly context: WatchContext;
  readonly watches: Watches;
  /** Tells every watch that the service can be reached again. */
  readonly reachable: () => void;
}

export function fakeWatches(): FakeWatches {
  const client = new FakeWatchClient();
  const clock = new FakeClock();
  const log = new RecordingLogger();
  const registry = new Registry(0);
  const metrics = new WatchMetrics(registry, () => clock.now());
  const backoff = { minMs: 100, maxMs: 10_000, jitter: 0.1 };
  const listeners = new Set<() => void>();
  const onReachable = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const reachable = () => {
    for (const listener of listeners) listener();
  };
  const context = { client, clock, log, metrics, backoff, onReachable };
  return { client, clock, log, registry, context, watches: directWatches(context), reachable };
}
