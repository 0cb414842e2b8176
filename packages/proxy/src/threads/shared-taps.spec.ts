import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClient, responseHead } from '../exchange/exchange.builder.ts';
import { RecordedResponse } from '../http1/recording-response.builder.ts';
import { Registry } from '../metrics/registry.ts';
import { TapMetrics } from '../tap/metrics.ts';
import { observeRequest, TapReader, tapSubject } from '../tap/tap.builder.ts';
import { Taps } from '../tap/taps.ts';
import { Link } from './link.ts';
import type { ToMain, ToWorker } from './messages.ts';
import { feedTaps, WorkersTaps } from './shared-taps.ts';

const limits = { taps: 10, conditions: 100, requestsPerSecond: 1000, queuedEvents: 400, queuedBytes: 1e6 };

let channel: MessageChannel;
let main: Taps;
let worker: Taps;
let reader: TapReader;
let settled: () => Promise<void>;
beforeEach(() => {
  channel = new MessageChannel();
  const toWorker = new Link<ToMain, ToWorker>(channel.port1);
  const toMain = new Link<ToWorker, ToMain>(channel.port2);
  const remote = new WorkersTaps();
  remote.add(toWorker);
  main = new Taps(limits, new TapMetrics(new Registry(0)), () => 0, remote);
  worker = new Taps(limits, new TapMetrics(new Registry(0)), () => 0);
  feedTaps(toMain, worker, 1);
  reader = new TapReader();
  // Messages are heard in order, so what was sent before these has been.
  settled = async () => {
    const [there, back] = [toMain.next('accept'), toWorker.next('built')];
    toWorker.post({ kind: 'accept' });
    toMain.post({ kind: 'built' });
    await Promise.all([there, back]);
  };
});
afterEach(() => channel.port1.close());

/** A request that is answered later. */
function send(taps: Taps): () => void {
  const client = new FakeClient();
  const subject = tapSubject();
  taps.over(subject, client).request(subject.request, true, new RecordedResponse());
  return () => client.handlers[0]?.onResponseHead(responseHead(), true);
}

const ofWorker = (stream: number) => 2 ** 40 + stream;

describe('a tap of the main thread', () => {
  it('is told of the requests of a worker, as of its own', async () => {
    main.start(observeRequest({ limit: 10 }), reader);
    await settled();
    send(main)();
    send(worker)();
    send(worker)();
    await settled();
    const kinds = ['requestInit', 'responseInit', 'responseEnd'];
    expect(reader.heard).toEqual(
      [0, ofWorker(0), ofWorker(1)].flatMap((stream) => kinds.map((kind) => `${kind} 0/${stream}`)),
    );
  });

  it('ends when all that it was told of are over, as many as it asked for in all', async () => {
    main.start(observeRequest({ limit: 3 }), reader);
    await settled();
    const answers = [send(worker), send(main), send(worker), send(worker), send(main)];
    await settled();
    expect(reader.heard.filter((event) => event.startsWith('requestInit'))).toHaveLength(3);
    for (const answer of answers.slice(1)) answer();
    await settled();
    expect(reader.status).toBeNull();
    answers[0]?.();
    await settled();
    expect(reader.status).toEqual({ code: 0, message: '' });
    expect([main.active, worker.active]).toEqual([false, false]);
  });

  it('is nobody in a worker once its client has gone', async () => {
    const tap = main.start(observeRequest({ limit: 3 }), reader);
    await settled();
    expect(worker.active).toBe(true);
    tap.close();
    await settled();
    expect(worker.active).toBe(false);
  });
});
