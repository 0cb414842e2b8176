import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../balance/balancer.builder.ts';
import type { Resolution } from '../dns/resolver.ts';
import { settle } from '../http2/raw-peer.builder.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { RecordingLogger } from '../transport/recording-logger.builder.ts';
import { followName } from './follow-name.ts';

const one = { ip: '10.0.0.1', port: 8086 };
const two = { ip: '10.0.0.2', port: 8086 };

async function following(answers: (Resolution | Error)[]) {
  const clock = new FakeClock();
  const log = new RecordingLogger();
  const told: (readonly SocketAddress[])[] = [];
  let asked = 0;
  const resolve = async () => {
    asked++;
    const answer = answers.shift() ?? new Error('no such name');
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const stop = followName(resolve, (addresses) => told.push(addresses), clock, log);
  await settle();
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };
  return { told, log, stop, pass, asked: () => asked };
}

describe('following a name', () => {
  it('asks again when the answer is too old', async () => {
    const { told, pass, asked } = await following([
      { addresses: [one], ttlMs: 5000 },
      { addresses: [two], ttlMs: 30_000 },
    ]);
    await pass(4999);
    expect(asked()).toBe(1);
    await pass(1);
    expect(told).toEqual([[one], [two]]);
    await pass(29_999);
    expect(asked()).toBe(2);
  });

  it('keeps what it knows while the name cannot be resolved, and asks ever later', async () => {
    const { told, log, pass, asked } = await following([{ addresses: [one], ttlMs: 5000 }]);
    await pass(5000);
    expect(told).toEqual([[one]]);
    expect(log.lines[0]).toMatchObject({ level: 'warn', fields: { retryInMs: 1000 } });
    for (const wait of [1000, 2000, 4000, 5000, 5000]) {
      const before = asked();
      await pass(wait - 1);
      expect(asked()).toBe(before);
      await pass(1);
      expect(asked()).toBe(before + 1);
    }
  });

  it('stops', async () => {
    const { stop, pass, asked } = await following([{ addresses: [one], ttlMs: 5000 }]);
    stop();
    await pass(60_000);
    expect(asked()).toBe(1);
  });
});
