import { describe, expect, it } from '@jest/globals';
import { RecordingLogger } from '../transport/recording-logger.builder.ts';
import { awaitIdentity } from './await-identity.ts';
import { FakeWallClock } from './clock.builder.ts';

describe('waiting for the first certificate', () => {
  it('reminds of it every 15 s until it is there', async () => {
    const clock = new FakeWallClock();
    const log = new RecordingLogger();
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = awaitIdentity(promise, { clock, log }, new AbortController().signal);
    await clock.wake(15_000);
    await clock.wake(15_000);
    await clock.asleepFor(15_000);
    expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'warn']);
    resolve();
    await waiting;
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const bench = { clock: new FakeWallClock(), log: new RecordingLogger() };
    const waiting = awaitIdentity(new Promise(() => {}), bench, stop.signal);
    stop.abort(new Error('shutdown'));
    await expect(waiting).rejects.toThrow('shutdown');
  });
});
