import { afterEach, describe, expect, it } from '@jest/globals';
import { RecordingHandler } from '../transport/recording-handler.builder.ts';
import { type SocketPair, socketPair } from '../transport/socket-pair.builder.ts';
import { encodeTransportHeader } from './header.ts';
import { readTransportHeader } from './read-header.ts';

describe('reading the transport header of a connection', () => {
  let pair: SocketPair;
  afterEach(() => pair.close());

  it('takes the header and leaves the payload that came with it', async () => {
    pair = await socketPair();
    const header = { port: 8080, name: null, session: 'http/2' } as const;
    pair.client.write(Buffer.concat([encodeTransportHeader(header), Buffer.from('PRI')]));
    await expect(readTransportHeader(pair.server, { timeoutMs: 1000 })).resolves.toEqual(header);
    const owner = new RecordingHandler();
    pair.server.handler = owner;
    pair.client.write(Buffer.from(' * HTTP/2.0'));
    await owner.when((heard) => heard.text === 'PRI * HTTP/2.0');
    expect(pair.server.bytesRead).toBe(encodeTransportHeader(header).length + 'PRI * HTTP/2.0'.length);
  });

  it('closes a connection that begins with something else', async () => {
    pair = await socketPair();
    const peer = new RecordingHandler();
    pair.client.handler = peer;
    pair.client.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await expect(readTransportHeader(pair.server, { timeoutMs: 1000 })).rejects.toMatchObject({
      code: 'transport-header-invalid',
    });
    await peer.when((heard) => heard.ended || heard.closes > 0);
  });

  it('does not wait for ever', async () => {
    pair = await socketPair();
    pair.client.write(Buffer.from('transport.l5d'));
    await expect(readTransportHeader(pair.server, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'timeout',
    });
    expect(pair.server.closed).toBe(true);
  });
});
