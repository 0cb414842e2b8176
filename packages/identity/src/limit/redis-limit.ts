import type { RedisLink } from '@weft/service';
import type { LimitRate, LimitVerdict } from './gcra.ts';
import type { IssuanceLimit } from './issuance-limit.ts';

const keyPrefix = 'weft:identity:limit:';

/**
 * The same algorithm as gcra.ts, run where all replicas meet and by Redis's clock. Numbers pass as text, since
 * Redis would cut them to integers. Returns -1 when allowed, else the wait in ms.
 */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local interval = tonumber(ARGV[1])
local burst = tonumber(ARGV[2])
local expected = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local earliest = expected - interval * (burst - 1)
if earliest > now then return math.ceil(earliest - now) end
local arrival = expected + interval
redis.call('SET', KEYS[1], string.format('%.3f', arrival), 'PX', math.ceil(arrival - now))
return -1
`;

/** The limit that all replicas share. */
export class RedisLimit implements IssuanceLimit {
  readonly #redis: RedisLink;
  readonly #rate: LimitRate;

  constructor(redis: RedisLink, rate: LimitRate) {
    this.#redis = redis;
    this.#rate = rate;
  }

  async take(identity: string): Promise<LimitVerdict> {
    const { perSecond, burst } = this.#rate;
    const wait = await this.#redis.run((redis) =>
      redis.eval(script, 1, keyPrefix + identity, String(1000 / perSecond), String(burst)),
    );
    return Number(wait) < 0 ? { kind: 'allowed' } : { kind: 'limited', retryAfterMs: Number(wait) };
  }
}
