import { describe, expect, it } from '@jest/globals';
import { connectTcp } from './connect-tcp.ts';
import { listenLoopback } from './socket-pair.builder.ts';

const never = new AbortController().signal;
/** TEST-NET-1 (RFC 5737): no packet is sent, since every case here ends before or without one. */
const elsewhere = { ip: '192.0.2.1', port: 80 };

describe('connecting', () => {
  it('names a target that refuses', async () => {
    const listener = await listenLoopback();
    listener.close();
    const { port } = listener.address;
    await expect(connectTcp(listener.address, { timeoutMs: 1000 })(never)).rejects.toMatchObject({
      code: 'refused',
      target: { ip: '127.0.0.1', port },
      message: `connect to 127.0.0.1:${port}: connection refused`,
      cause: { code: 'ECONNREFUSED' },
    });
  });

  it('does not give up a target that answered while the event loop stood still', async () => {
    const listener = await listenLoopback();
    const attempt = connectTcp(listener.address, { timeoutMs: 1 })(never);
    // Nothing is polled meanwhile, and timers come before polling.
    for (const until = performance.now() + 5; performance.now() < until; );
    const connection = await attempt;
    connection.destroy();
    listener.close();
  });

  it('refuses loopback where that would be a loop, before trying', async () => {
    for (const ip of ['127.0.0.1', '127.8.8.8', '::1']) {
      const attempt = connectTcp({ ip, port: 1 }, { timeoutMs: 1000, refuseLoopback: true })(never);
      await expect(attempt).rejects.toMatchObject({ code: 'loopback' });
    }
  });

  it("refuses the proxy's own port, before trying", async () => {
    const attempt = connectTcp({ ip: '127.0.0.1', port: 4143 }, { timeoutMs: 1000, refusePort: 4143 })(never);
    await expect(attempt).rejects.toMatchObject({ code: 'inbound-loop' });
  });

  it('stops when its caller does, with the reason of the caller', async () => {
    const reason = new Error('not needed any more');
    const caller = new AbortController();
    const attempt = connectTcp(elsewhere, { timeoutMs: 1000 })(caller.signal);
    caller.abort(reason);
    await expect(attempt).rejects.toBe(reason);
    await expect(connectTcp(elsewhere, { timeoutMs: 1000 })(caller.signal)).rejects.toBe(reason);
  });
});
