import { afterEach, describe, expect, it } from '@jest/globals';
import { peek } from './peek.ts';
import { RecordingHandler } from './recording-handler.builder.ts';
import { type SocketPair, socketPair } from './socket-pair.builder.ts';

describe('peek', () => {
  let pair: SocketPair;
  afterEach(() => pair.close());

  it('shows all bytes so far, consumes what it is told, and keeps the rest', async () => {
    pair = await socketPair();
    const shown: string[] = [];
    const peeked = peek(
      pair.server,
      (bytes) => {
        shown.push(String(bytes));
        if (bytes.length < 4) {
          pair.client.write(Buffer.from('cdef'));
          return { kind: 'more' };
        }
        return { kind: 'done', value: 'known', consumed: 3 };
      },
      { timeoutMs: 1000 },
    );
    pair.client.write(Buffer.from('ab'));
    await expect(peeked).resolves.toBe('known');
    expect(shown).toEqual(['ab', 'abcdef']);
    const owner = new RecordingHandler();
    pair.server.handler = owner;
    await owner.when((heard) => heard.text === 'def');
  });

  it('can make something of silence, with the bytes kept', async () => {
    pair = await socketPair();
    pair.client.write(Buffer.from('?'));
    const options = { timeoutMs: 30, onTimeout: () => 'opaque' };
    await expect(peek(pair.server, () => ({ kind: 'more' }), options)).resolves.toBe('opaque');
    const owner = new RecordingHandler();
    pair.server.handler = owner;
    await owner.when((heard) => heard.text === '?');
  });

  it('is over when the connection breaks', async () => {
    pair = await socketPair();
    const peeked = peek<string>(pair.server, () => ({ kind: 'more' }), { timeoutMs: 1000 });
    pair.server.destroy(new Error('cut'));
    await expect(peeked).rejects.toMatchObject({ code: 'closed', cause: { message: 'cut' } });
    await expect(peek(pair.server, () => ({ kind: 'more' }), { timeoutMs: 1000 })).rejects.toMatchObject({
      code: 'closed',
    });
  });
});
