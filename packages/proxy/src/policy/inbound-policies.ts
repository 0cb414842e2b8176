import { decodeServer, defaultServerPolicy, type ServerPolicy } from '@weft/policy';
import { InboundServerPolicies as Service } from '@weft/proto/inbound';
import { Value } from '../discovery/watch/value.ts';
import type { Watches } from '../discovery/watch/watches.ts';
import { StatusCode } from '../grpc/status.ts';
import type { InboundPolicies, PolicyHandle } from '../inbound/ports.ts';
import { IdleCache } from './idle-cache.ts';

export interface InboundPolicyOptions {
  /** Sent as it is (LINKERD2_PROXY_POLICY_WORKLOAD). */
  readonly workload: string;
  /** Watched from the start and for ever. */
  readonly ports: Iterable<number>;
  /** What holds for a port until the control plane has spoken. */
  readonly defaultPolicy: (port: number) => ServerPolicy;
  /** How long the policy of a port that was not listed is watched after its last use. */
  readonly idleMs: number;
  /** Ports beyond the listed that are watched at a time; what comes beyond is denied. */
  readonly capacity: number;
}

/** The policies of this pod's ports. */
export class WatchedInboundPolicies implements InboundPolicies {
  readonly #watches: Watches;
  readonly #options: InboundPolicyOptions;
  readonly #listed = new Map<number, PortPolicy>();
  readonly #others: IdleCache<PortPolicy>;

  constructor(watches: Watches, options: InboundPolicyOptions) {
    this.#watches = watches;
    this.#options = options;
    this.#others = new IdleCache(options, watches.clock);
    for (const port of options.ports) {
      if (!this.#listed.has(port)) this.#listed.set(port, this.#watch(port));
    }
  }

  get(port: number): PolicyHandle {
    const listed = this.#listed.get(port);
    if (listed !== undefined) return handle(listed.value, () => {});
    const lease = this.#others.acquire(String(port), () => this.#watch(port));
    if (lease !== null) return handle(lease.value.value, lease.release);
    this.#watches.metrics.onRefused('inbound_policy');
    this.#watches.log.warn('Too many ports in use to watch one more: connections to it are denied', { port });
    return handle(new Value(denied), () => {});
  }

  /** The policies in force, those of listed ports first. */
  *inForce(): IterableIterator<{ port: number; listed: boolean; policy: ServerPolicy }> {
    for (const [port, { value }] of this.#listed) yield { port, listed: true, policy: value.current };
    for (const [port, { value }] of this.#others.entries())
      yield { port: Number(port), listed: false, policy: value.current };
  }

  close(): void {
    for (const policy of this.#listed.values()) policy.close();
    this.#listed.clear();
    this.#others.close();
  }

  #watch(port: number): PortPolicy {
    const value = new Value(this.#options.defaultPolicy(port));
    const { log } = this.#watches;
    const stop = this.#watches.follow({
      kind: 'inbound_policy',
      name: `port ${port}`,
      method: Service.method.watchPort,
      request: { workload: this.#options.workload, port },
      terminal: [StatusCode.InvalidArgument, StatusCode.FailedPrecondition],
      onMessage(message) {
        const policy = decodeServer(message);
        if (policy.protocol.kind === 'invalid') {
          log.error('Invalid server policy: the port is refused until it is corrected', {
            port,
            reason: policy.protocol.reason,
          });
        }
        value.set(policy);
      },
      // What was known last, or the default, stays in force.
      onTerminal() {},
    });
    return { value, close: stop };
  }
}

interface PortPolicy {
  readonly value: Value<ServerPolicy>;
  close(): void;
}

const denied = defaultServerPolicy('deny', { clusterNetworks: [], detectTimeoutMs: 0, opaque: true });

function handle(value: Value<ServerPolicy>, release: () => void): PolicyHandle {
  return {
    get current() {
      return value.current;
    },
    subscribe: (listener) => value.subscribe(listener),
    release,
  };
}
