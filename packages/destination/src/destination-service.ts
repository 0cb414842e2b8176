import { type Manifests, openManifests } from '@weft/kubernetes';
import { Destination } from '@weft/proto/destination';
import { InboundServerPolicies } from '@weft/proto/inbound';
import { OutboundPolicies } from '@weft/proto/outbound';
import { type GrpcServer, type Logger, type Readiness, ServiceError } from '@weft/service';
import type { AnswerContext } from './answer-context.ts';
import { destinationApi } from './api/destination-api.ts';
import { inboundApi } from './api/inbound-api.ts';
import { outboundApi } from './api/outbound-api.ts';
import { Cluster } from './cluster/cluster.ts';
import { type DestinationConfig, meshConfig } from './config/settings.ts';
import type { DestinationMetrics } from './metrics.ts';
import { Publisher } from './publish/publisher.ts';
import { loggingReporter, logManifestProblems } from './reporting.ts';

export interface DestinationDependencies {
  readonly config: DestinationConfig;
  readonly logger: Logger;
  readonly metrics: DestinationMetrics;
  readonly grpc: GrpcServer;
  readonly readiness: Readiness;
}

/** From manifests to streams: the source, the indexes, the answers and the APIs that tell them. */
export class DestinationService {
  readonly #options: DestinationDependencies;
  readonly #synced: Promise<void>;
  readonly #manifests: Manifests;
  readonly #stop: () => void;

  constructor(options: DestinationDependencies, signal: AbortSignal) {
    this.#options = options;
    const { config, logger, metrics, grpc, readiness } = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    const gate = readiness.gate('manifests');
    this.#synced = promise;
    this.#manifests = openManifests(
      {
        directories: config.manifests,
        serviceCidr: config.serviceCidr,
        onProblems: (directory, problems) => {
          metrics.manifestProblems(directory, problems);
          logManifestProblems(logger, directory, problems);
        },
      },
      signal,
    );
    const { source } = this.#manifests;
    const cluster = new Cluster(source);
    const publisher = new Publisher(cluster, {
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
    const context: AnswerContext = { config: meshConfig(config), reporter: loggingReporter(logger) };
    const api = { cluster, publisher, context, logger };
    grpc
      .serve(Destination, destinationApi({ ...api, onMalformedToken: () => metrics.malformedToken() }))
      .serve(InboundServerPolicies, inboundApi(api))
      .serve(OutboundPolicies, outboundApi(api));
    metrics.observe(publisher);
    metrics.observeSource(source);
    this.#stop = cluster.follow(
      (keys) => publisher.invalidate(keys),
      () => {
        gate.open();
        resolve();
      },
    );
  }

  /** Resolves when every directory has been read: only then is NOT_FOUND the truth. */
  synced(): Promise<void> {
    return this.#synced;
  }

  /** Waits for the watches to end, after the signal has been aborted. */
  async close(): Promise<void> {
    this.#stop();
    await this.#manifests.finished;
    this.#options.logger.debug('manifests are not followed any more');
  }
}
