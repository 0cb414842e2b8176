import { afterEach, describe, expect, it } from '@jest/globals';
import { configOf } from '../config/environment.builder.ts';
import { backlogMemory } from './backlog.ts';
import { connectionBalanceMemory } from './connection-balance.ts';
import { sharedBucketsMemory } from './shared-buckets.ts';
import type { WorkerData } from './worker-data.ts';
import { startWorkerThread, type WorkerThread } from './worker-thread.ts';

let started: WorkerThread | null = null;
afterEach(() => started?.link.post({ kind: 'drain' }));

/** A worker whose program this is, and the reasons for which it was found dead. */
function start(program: string) {
  const data: WorkerData = {
    thread: 1,
    threads: 2,
    config: configOf(),
    listen: { inbound: { ip: '127.0.0.1', port: 1 }, outbound: [] },
    logFilter: 'info',
    clockZero: 0,
    memory: { connections: connectionBalanceMemory(2), buckets: sharedBucketsMemory() },
    logBacklog: backlogMemory(),
    accessBacklog: backlogMemory(),
  };
  const deaths = Promise.withResolvers<[number, string]>();
  const worker = startWorkerThread(
    new URL(`data:text/javascript,${encodeURIComponent(program)}`),
    data,
    (thread, error) => deaths.resolve([thread, error.message]),
  );
  started = worker;
  return { worker, death: deaths.promise };
}

const withPort = `import { parentPort, workerData } from 'node:worker_threads';
  parentPort.on('message', ({ kind }) => { if (kind === 'drain') process.exit(0); });`;

describe('a worker', () => {
  it('gets the configuration as it is, and says how far it is', async () => {
    const { worker } = start(`${withPort}
      const { config, thread } = workerData;
      if (config.inbound.ports instanceof Set && thread === 1) parentPort.postMessage({ kind: 'built' });`);
    await worker.built;
  });

  it.each([
    ['throws', `throw new Error('a mistake');`, 'a mistake'],
    ['ends', 'process.exit(3);', 'it ended with code 3'],
    ['cannot start', `${withPort} parentPort.postMessage({ kind: 'failed', reason: 'no port' });`, 'no port'],
  ])('that %s is found dead', async (_, program, reason) => {
    const { death } = start(program);
    expect(await death).toEqual([1, expect.stringContaining(reason)]);
  });
});
