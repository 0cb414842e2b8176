import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { recordingLogger } from '../log/recorder.builder.ts';
import { Shutdown } from './shutdown.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function shutdownOf(graceMs = 1_000) {
  const { logger, events } = recordingLogger();
  return { shutdown: new Shutdown({ logger, graceMs }), events };
}

describe('an orderly shutdown', () => {
  it('drains everything before it closes anything', async () => {
    const { shutdown } = shutdownOf();
    const order: string[] = [];
    const drained = Promise.withResolvers<void>();
    shutdown.register('close', 'admin', () => void order.push('close admin'));
    shutdown.register('drain', 'grpc', async () => {
      await drained.promise;
      order.push('drain grpc');
    });
    const finished = shutdown.begin('SIGTERM');
    await jest.advanceTimersByTimeAsync(500);
    expect(order).toEqual([]);
    drained.resolve();
    await finished;
    expect(order).toEqual(['drain grpc', 'close admin']);
  });

  it('tells background loops at once', () => {
    const { shutdown } = shutdownOf();
    void shutdown.begin('SIGTERM');
    expect(shutdown.signal.aborted).toBe(true);
  });

  it('runs once, however often it is begun', async () => {
    const { shutdown } = shutdownOf();
    const close = jest.fn<() => void>();
    shutdown.register('close', 'part', close);
    await Promise.all([shutdown.begin('SIGTERM'), shutdown.begin('SIGINT')]);
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('ends after the grace period although a part hangs, and names the part', async () => {
    const { shutdown, events } = shutdownOf(1_000);
    const signals: AbortSignal[] = [];
    shutdown.register('drain', 'stuck', (signal) => {
      signals.push(signal);
      return new Promise(() => {});
    });
    const close = jest.fn<() => void>();
    shutdown.register('close', 'part', close);
    const finished = shutdown.begin('SIGTERM');
    await jest.advanceTimersByTimeAsync(999);
    expect(signals[0]!.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(2);
    await finished;
    expect(signals[0]!.aborted).toBe(true);
    expect(close).toHaveBeenCalled();
    expect(events).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ part: 'stuck' }) }),
    );
  });

  it('goes on when a part fails', async () => {
    const { shutdown } = shutdownOf();
    const close = jest.fn<() => void>();
    shutdown.register('drain', 'broken', () => {
      throw new Error('broken');
    });
    shutdown.register('close', 'part', close);
    await shutdown.begin('SIGTERM');
    expect(close).toHaveBeenCalled();
  });
});
