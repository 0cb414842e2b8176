import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SpiffeWorkloadAPI } from '@weft/proto/workload';
import type { GrpcStatus } from '../../grpc/status.ts';
import { Authority } from '../../tls/certificates.builder.ts';
import { SpireAgent, svidOf } from './spire-agent.builder.ts';
import { WorkloadApi } from './workload-api.ts';

const issuer = Authority.root();

describe('the workload API at a Unix socket', () => {
  let agent: SpireAgent;
  const stop = new AbortController();
  beforeEach(async () => {
    agent = await SpireAgent.listen();
  });
  afterEach(() => agent.remove());

  /** Watches, and keeps what comes. */
  function watching(path = agent.path, signal = stop.signal) {
    const ids: string[][] = [];
    const { promise: ended, resolve } = Promise.withResolvers<GrpcStatus>();
    const arrivals: (() => void)[] = [];
    new WorkloadApi(path).watch(
      SpiffeWorkloadAPI.method.fetchX509SVID,
      {},
      {
        onMessage: ({ svids }) => {
          ids.push(svids.map(({ spiffeId }) => spiffeId));
          for (const arrival of arrivals.splice(0)) arrival();
        },
        onEnd: resolve,
      },
      signal,
    );
    const messages = async (count: number) => {
      while (ids.length < count) await new Promise<void>((arrival) => arrivals.push(arrival));
      return ids;
    };
    return { messages, ended };
  }

  it('is asked as SPIFFE has it, and heard until it ends', async () => {
    agent.send(svidOf(issuer, { id: 'spiffe://a/1' }));
    const { messages, ended } = watching();
    await messages(1);
    agent.send(svidOf(issuer, { id: 'spiffe://a/1' }), svidOf(issuer, { id: 'spiffe://a/2' }));
    expect(await messages(2)).toEqual([['spiffe://a/1'], ['spiffe://a/1', 'spiffe://a/2']]);
    expect(agent.calls).toMatchObject([
      {
        ':method': 'POST',
        ':path': '/SpiffeWorkloadAPI/FetchX509SVID',
        'content-type': 'application/grpc',
        'workload.spiffe.io': 'true',
      },
    ]);
    agent.refuse(7);
    expect((await ended).code).toBe(7);
  });

  it('is unavailable while the agent is away', async () => {
    await agent.stop();
    expect(await watching().ended).toMatchObject({
      code: 14,
      message: expect.stringContaining(`connect to ${agent.path}`),
    });
  });

  it('is unavailable when the agent goes away', async () => {
    agent.send(svidOf(issuer));
    const { messages, ended } = watching();
    await messages(1);
    await agent.stop();
    expect((await ended).code).toBe(14);
  });

  it('is left at once when nobody watches any more', async () => {
    const over = new AbortController();
    agent.send(svidOf(issuer));
    const { messages } = watching(agent.path, over.signal);
    await messages(1);
    over.abort();
    while (agent.watchers > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});
