import { formatMeta, type MakeBucket, type RateLimit, RateLimiter } from '@weft/policy';
import { ProxyError } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import type { InboundExchange } from '../inbound-exchange.ts';
import { labels, serverLabels, targetLabels, tlsLabels } from '../labels.ts';
import type { InboundMetrics } from '../metrics.ts';

/** Refuses what exceeds the server's rate. A limiter lives as long as the policy that describes it. */
export class LimitRate implements Layer<InboundExchange> {
  readonly name = 'rate-limit';
  readonly #limiters = new WeakMap<RateLimit, RateLimiter>();
  readonly #metrics: InboundMetrics;
  readonly #now: () => number;
  readonly #buckets: MakeBucket | null;

  /** `buckets`: those that threads share; null where there is one thread. */
  constructor(metrics: InboundMetrics, now: () => number, buckets: MakeBucket | null = null) {
    this.#metrics = metrics;
    this.#now = now;
    this.#buckets = buckets;
  }

  onRequest(x: InboundExchange): 'done' | undefined {
    const { protocol } = x.policy;
    const limit = 'rateLimit' in protocol ? protocol.rateLimit : null;
    if (limit === null) return undefined;
    let limiter = this.#limiters.get(limit);
    if (limiter === undefined) {
      limiter = this.#limiter(limit, x.connection.target.port);
      this.#limiters.set(limit, limiter);
    }
    const { tls } = x.connection.client;
    const refused = limiter.check(tls.kind === 'mutual' ? tls.id : null, this.#now());
    if (refused === null) return undefined;
    this.#count(x, limit, refused.scope);
    const scope = refused.scope === 'identity' ? 'per-identity' : refused.scope;
    const text = `${scope} rate limit exceeded: ${refused.requestsPerSecond}rps`;
    return x.fail(new ProxyError('rate-limited', text));
  }

  #limiter(limit: RateLimit, port: number): RateLimiter {
    const buckets = this.#buckets;
    if (buckets === null) return new RateLimiter(limit);
    const prefix = `port ${port} ${formatMeta(limit.meta)}`;
    return new RateLimiter(limit, (name, rate) => buckets(`${prefix} ${name}`, rate));
  }

  #count({ connection, policy }: InboundExchange, { meta }: RateLimit, scope: string): void {
    const limited: [string, string][] = [
      ['ratelimit_group', meta.group],
      ['ratelimit_kind', meta.kind],
      ['ratelimit_name', meta.name],
      ['ratelimit_scope', scope === 'total' ? 'total' : 'identity'],
    ];
    const { target, client } = connection;
    this.#metrics.rateLimited
      .with(
        labels(targetLabels(target), serverLabels(policy.meta, target.port), limited, tlsLabels(client.tls)),
      )
      .inc();
  }
}
