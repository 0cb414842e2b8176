import { afterEach, describe, expect, it } from '@jest/globals';
import { RecordingHandler } from '../transport/recording-handler.builder.ts';
import { type SocketPair, socketPair } from '../transport/socket-pair.builder.ts';
import { recordHello } from './client-hello.builder.ts';
import { detectTls } from './detect-tls.ts';

describe('TLS detection', () => {
  let pair: SocketPair;
  afterEach(() => pair.close());

  const rest = async () => {
    const owner = new RecordingHandler();
    pair.server.handler = owner;
    await owner.when((heard) => heard.ended);
    return Buffer.concat(owner.chunks);
  };

  it('sees a hello that comes in pieces, and takes nothing from it', async () => {
    pair = await socketPair();
    const hello = await recordHello({ servername: 'web.ns', ALPNProtocols: ['h2'] });
    const detected = detectTls(pair.server, { timeoutMs: 1000 });
    for (let at = 0; at < hello.length; at += 100) {
      pair.client.write(hello.subarray(at, at + 100));
      await new Promise((resolve) => setImmediate(resolve));
    }
    pair.client.end();
    await expect(detected).resolves.toEqual({ kind: 'hello', sni: 'web.ns', alpn: ['h2'] });
    expect((await rest()).equals(hello)).toBe(true);
  });

  it('sees at the first wrong byte that it is not TLS', async () => {
    pair = await socketPair();
    pair.client.write(Buffer.from('G'));
    await expect(detectTls(pair.server, { timeoutMs: 1000 })).resolves.toEqual({ kind: 'not-tls' });
    pair.client.write(Buffer.from('ET /'));
    pair.client.end();
    expect(String(await rest())).toBe('GET /');
  });

  it('takes what ends too early for something else', async () => {
    pair = await socketPair();
    pair.client.write(Buffer.from([22, 3, 1]));
    pair.client.end();
    await expect(detectTls(pair.server, { timeoutMs: 1000 })).resolves.toEqual({ kind: 'not-tls' });
    expect(await rest()).toEqual(Buffer.from([22, 3, 1]));
  });

  it('closes who says nothing, or leaves', async () => {
    pair = await socketPair();
    await expect(detectTls(pair.server, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' });
    expect(pair.server.closed).toBe(true);
    pair.close();
    pair = await socketPair();
    pair.client.end();
    await expect(detectTls(pair.server, { timeoutMs: 1000 })).rejects.toMatchObject({ code: 'closed' });
    expect(pair.server.closed).toBe(true);
  });

  it('stops when its caller does', async () => {
    pair = await socketPair();
    const caller = new AbortController();
    const detected = detectTls(pair.server, { timeoutMs: 1000, signal: caller.signal });
    caller.abort();
    await expect(detected).rejects.toMatchObject({ code: 'aborted' });
  });
});
