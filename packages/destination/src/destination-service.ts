import { Destination } from '@weft/proto/destination';
import { InboundServerPolicies } from '@weft/proto/inbound';
import { OutboundPolicies } from '@weft/proto/outbound';
import {
  type GrpcServer,
  type Logger,
  MemoryKeeper,
  type Readiness,
  type ReadinessGate,
  type Registry,
  returnMemory,
  ServiceError,
  sinceLast,
} from '@weft/service';
import type { AnswerContext } from './answer-context.ts';
import { destinationApi } from './api/destination-api.ts';
import { inboundApi } from './api/inbound-api.ts';
import { outboundApi } from './api/outbound-api.ts';
import { Cluster, type ReadKey } from './cluster/cluster.ts';
import { openSource } from './cluster/open-source.ts';
import { type DestinationConfig, meshConfig } from './config/settings.ts';
import type { DestinationMetrics } from './metrics.ts';
import { Publisher } from './publish/publisher.ts';
import { loggingReporter } from './reporting.ts';

export interface DestinationDependencies {
  readonly config: DestinationConfig;
  readonly logger: Logger;
  readonly metrics: DestinationMetrics;
  readonly registry: Registry;
  readonly grpc: GrpcServer;
  readonly readiness: Readiness;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Streams that were open for less than this may not have been seen, and what they took stays. */
const MEMORY_INTERVAL_MS = 2000;

/** From a cluster's objects to streams: the source, the indexes, the answers and the APIs that tell them. */
export class DestinationService {
  readonly #options: DestinationDependencies;
  readonly #gate: ReadinessGate;
  #finished: Promise<void> = Promise.resolve();

  constructor(options: DestinationDependencies) {
    this.#options = options;
    this.#gate = options.readiness.gate('resources');
  }

  /**
   * Follows the cluster's objects until the signal is aborted, and serves what they say. Resolves when all of
   * them are known: only then is NOT_FOUND the truth.
   */
  async start(signal: AbortSignal): Promise<void> {
    const { source, finished } = await openSource(this.#options, signal);
    this.#finished = finished;
    const cluster = new Cluster(source);
    const publisher = this.#publisherOf(cluster);
    this.#serve(cluster, publisher);
    this.#options.metrics.observe(publisher);
    this.#options.metrics.observeSource(source);
    const { promise: synced, resolve } = Promise.withResolvers<void>();
    let touched = 0;
    const onChange = (keys: ReadonlySet<ReadKey>) => {
      touched += keys.size;
      publisher.invalidate(keys);
    };
    const stop = cluster.follow(onChange, resolve);
    signal.addEventListener('abort', stop, { once: true });
    await synced;
    // Reading a large cluster leaves several times as much garbage as objects.
    returnMemory();
    const touchedLately = sinceLast(() => touched);
    const keeper = new MemoryKeeper({ load: () => readersOf(publisher) + touchedLately(), returnMemory });
    keeper.run(signal, MEMORY_INTERVAL_MS);
    this.#gate.open();
  }

  /** Waits for the watches to end, after the signal has been aborted. */
  async close(): Promise<void> {
    await this.#finished;
  }

  #publisherOf(cluster: Cluster): Publisher {
    const { logger, metrics } = this.#options;
    return new Publisher(cluster, {
      computed: (api) => metrics.computed(api),
      encoded: (api, messages) => metrics.encoded(api, messages),
      skipped: (api) => metrics.skipped(api),
      failed: (what, error) => {
        metrics.answerFailed();
        // A target that is gone or ambiguous is the cluster's state; anything else is a mistake here.
        if (error instanceof ServiceError) logger.info('answer stays as it was', { what, error });
        else logger.error('answer cannot be computed and stays as it was', { what, error });
      },
    });
  }

  #serve(cluster: Cluster, publisher: Publisher): void {
    const { config, logger, metrics, grpc } = this.#options;
    const context: AnswerContext = { config: meshConfig(config), reporter: loggingReporter(logger) };
    const api = { cluster, publisher, context, logger };
    grpc
      .serve(Destination, destinationApi({ ...api, onMalformedToken: () => metrics.malformedToken() }))
      .serve(InboundServerPolicies, inboundApi(api))
      .serve(OutboundPolicies, outboundApi(api));
  }
}

/** The streams open now. */
function readersOf(publisher: Publisher): number {
  let count = 0;
  for (const { readers } of publisher.topics()) count += readers;
  return count;
}
