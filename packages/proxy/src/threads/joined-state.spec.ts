import { describe, expect, it } from '@jest/globals';
import { joinStates } from './joined-state.ts';

const list = (...shown: unknown[]) => ({ total: shown.length, shown });

describe('what several threads believe', () => {
  const main = {
    proxy: { version: '1' },
    discovery: list({ name: 'web' }),
    identity: { name: 'orders' },
    inbound: list({ port: 80 }, { port: 81 }),
    outbound: { targets: list({ name: 'a' }), balancers: list() },
    connections: { total: 5000, shown: [{ peer: 'x' }] },
    thread: { thread: 1, openWork: 1 },
  };
  const worker = {
    inbound: list({ port: 80 }, { port: 9000 }),
    outbound: { targets: list({ name: 'a' }), balancers: list({ id: 'b' }) },
    connections: list({ peer: 'y' }, { peer: 'z' }),
    thread: { thread: 2, openWork: 2 },
  };

  it('has the form of what one believes', () => {
    expect(joinStates([main, worker])).toEqual({
      proxy: { version: '1', threads: [main.thread, worker.thread] },
      discovery: main.discovery,
      identity: main.identity,
      inbound: list({ port: 80 }, { port: 81 }, { port: 9000 }),
      outbound: {
        targets: list({ name: 'a', thread: 1 }, { name: 'a', thread: 2 }),
        balancers: list({ id: 'b', thread: 2 }),
      },
      connections: {
        total: 5002,
        shown: [
          { peer: 'x', thread: 1 },
          { peer: 'y', thread: 2 },
          { peer: 'z', thread: 2 },
        ],
      },
    });
  });

  it('lacks what a thread does not tell, and nothing else', () => {
    const silent = { thread: { thread: 2, error: 'it does not answer' } };
    const broken = { ...main, outbound: { error: 'out of order' } };
    expect(joinStates([main, silent]).connections).toEqual({
      total: 5000,
      shown: [{ peer: 'x', thread: 1 }],
    });
    expect(joinStates([broken, worker])).toMatchObject({
      outbound: { targets: list({ name: 'a', thread: 2 }) },
    });
  });
});
