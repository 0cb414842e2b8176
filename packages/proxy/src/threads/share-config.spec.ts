import { describe, expect, it } from '@jest/globals';
import { configOf } from '../config/environment.builder.ts';
import { shareConfig } from './share-config.ts';

describe('the limits of one of several threads', () => {
  const config = configOf({ INBOUND_MAX_IN_FLIGHT: '101', OUTBOUND_TCP_QUEUE_CAPACITY: '1' });

  it('are its share, rounded up', () => {
    const { inbound, outbound } = shareConfig(config, 4);
    expect(inbound).toMatchObject({
      maxInFlight: 26,
      httpQueue: { capacity: 2500 },
      http1Pool: { maxIdle: 2500 },
    });
    expect(outbound).toMatchObject({ maxInFlight: 25_000, tcpQueue: { capacity: 1 } });
  });

  it('are all of them for the only thread', () => {
    expect(shareConfig(config, 1)).toBe(config);
  });
});
