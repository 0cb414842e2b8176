import type { ManifestProblem, ResourceSource } from '@weft/kubernetes';
import { Counter, Gauge, type Registry } from 'prom-client';
import { watchedKinds } from './cluster/cluster.ts';
import type { EndpointSet } from './endpoints/endpoint-set.ts';
import type { Publisher, TopicUse } from './publish/publisher.ts';
import type { Api, TopicObserver } from './publish/topic.ts';

const endpointLabels = ['cluster', 'namespace', 'service', 'port', 'hostname', 'nodename'] as const;

/** Linkerd's names for what policy is made of. */
const indexNames = {
  MeshTLSAuthentication: 'meshtls_authentication',
  NetworkAuthentication: 'network_authentication',
  Pod: 'pod',
  Server: 'server',
  ServerAuthorization: 'server_authorization',
  AuthorizationPolicy: 'authorization_policy',
} as const;

/** Counts what the publisher does; what it holds is read from it when somebody asks. */
export class DestinationMetrics implements TopicObserver {
  readonly #registers: Registry[];
  readonly #computed: Counter<'api'>;
  readonly #encoded: Counter<'api'>;
  readonly #skipped: Counter<'api'>;
  readonly #failed: Counter;
  readonly #malformed: Counter;
  readonly #problems: Gauge<'directory'>;

  constructor(registry: Registry) {
    this.#registers = [registry];
    this.#computed = this.#counter('destination_answers_computed_total', 'Computations of an answer', 'api');
    this.#encoded = this.#counter(
      'destination_messages_encoded_total',
      'Messages encoded, however many streams got them',
      'api',
    );
    this.#skipped = this.#counter(
      'destination_reader_skips_total',
      'Times a slow reader went past a state to the latest',
      'api',
    );
    this.#failed = this.#counter(
      'destination_answer_failures_total',
      'Computations that failed; the last answer stayed',
    );
    this.#malformed = this.#counter(
      'destination_context_tokens_malformed_total',
      'Requests with a context token that cannot be read',
    );
    this.#problems = this.#gauge(
      'manifest_problems',
      'Documents and files that are not in force as written',
      ['directory'],
    );
  }

  computed(api: Api): void {
    this.#computed.inc({ api });
  }

  encoded(api: Api, messages: number): void {
    this.#encoded.inc({ api }, messages);
  }

  skipped(api: Api): void {
    this.#skipped.inc({ api });
  }

  answerFailed(): void {
    this.#failed.inc();
  }

  malformedToken(): void {
    this.#malformed.inc();
  }

  manifestProblems(directory: string, problems: readonly ManifestProblem[]): void {
    this.#problems.set({ directory }, problems.length);
  }

  /** Shows the answers that exist, with Linkerd's names. */
  observe(publisher: Publisher): void {
    const each = (
      name: string,
      help: string,
      labelNames: readonly string[],
      value: (use: TopicUse) => number | undefined,
    ) => {
      const gauge = this.#gauge(name, help, labelNames, () => {
        gauge.reset();
        for (const use of publisher.topics()) {
          const number = value(use);
          if (number === undefined) continue;
          const { labels, api } = use.topic.answer;
          const all: Readonly<Record<string, string>> = { ...labels, api, name: labels.service ?? '' };
          gauge.inc(Object.fromEntries(labelNames.map((label) => [label, all[label] ?? ''])), number);
        }
      });
    };
    const of = (api: Api, label: string, value: (use: TopicUse) => number) => (use: TopicUse) =>
      use.topic.answer.api === api && label in use.topic.answer.labels ? value(use) : undefined;
    const readers = ({ readers: count }: TopicUse) => count;
    const updates = ({ topic }: TopicUse) => topic.version;
    const endpoints = ({ topic }: TopicUse) => topic.state as EndpointSet | undefined;

    each('destination_answers', 'Answers kept up to date now', ['api'], () => 1);
    each('destination_readers', 'Streams that follow an answer now', ['api'], readers);
    each('endpoints_subscribers', 'Streams of a service port', endpointLabels, of('get', 'service', readers));
    each('endpoints_updates', 'States a service port has had', endpointLabels, of('get', 'service', updates));
    each(
      'endpoints_pods',
      'Endpoints of a service port',
      endpointLabels,
      of('get', 'service', (use) => endpoints(use)?.endpoints.size ?? 0),
    );
    each(
      'endpoints_exists',
      'Whether the service exists',
      endpointLabels,
      of('get', 'service', (use) => Number(endpoints(use)?.exists ?? false)),
    );
    each('service_subscribers', 'Streams of a service', ['namespace', 'name'], of('get', 'service', readers));
    each(
      'profile_subscribers',
      'Streams of a service profile',
      ['namespace', 'profile'],
      of('profile', 'profile', readers),
    );
    each(
      'profile_updates',
      'States a service profile has had',
      ['namespace', 'profile'],
      of('profile', 'profile', updates),
    );
    each('workload_subscribers', 'Streams of an address', [], of('profile', 'workload', readers));
    each('workload_updates', 'States addresses have had', [], of('profile', 'workload', updates));
  }

  /** Shows how many objects are known. */
  observeSource(source: ResourceSource): void {
    for (const kind of watchedKinds) {
      const name = `${kind.toLowerCase()}_cache_size`;
      const gauge = this.#gauge(name, `Objects of kind ${kind}`, ['cluster'], () =>
        gauge.set({ cluster: 'local' }, source.list(kind).length),
      );
    }
    for (const [kind, name] of Object.entries(indexNames)) {
      const gauge = this.#gauge(
        `inbound_index_${name}_index_size`,
        `Objects of kind ${kind}`,
        ['namespace'],
        () => {
          gauge.reset();
          for (const { metadata } of source.list(kind as keyof typeof indexNames))
            gauge.inc({ namespace: metadata.namespace });
        },
      );
    }
  }

  #counter<L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: this.#registers });
  }

  #gauge(name: string, help: string, labelNames: readonly string[], collect?: () => void): Gauge {
    const options = { name, help, labelNames: [...labelNames], registers: this.#registers };
    return new Gauge(collect === undefined ? options : { ...options, collect });
  }
}
