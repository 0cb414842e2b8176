import { describe, expect, it } from '@jest/globals';
import { recordHello, recordOpensslHello } from './client-hello.builder.ts';
import { CLIENT_HELLO_LIMIT, parseClientHello } from './client-hello.ts';

/** The records of a hello, cut into records of `size` bytes. */
function fragment(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 0xff]), part);
  }
  return Buffer.concat(records);
}

describe('ClientHello', () => {
  const named = { servername: 'web.ns.example', ALPNProtocols: ['transport.l5d.io/v1', 'h2'] };
  const expected = { kind: 'hello', sni: 'web.ns.example', alpn: ['transport.l5d.io/v1', 'h2'] };

  it('of node is read, however it is cut', async () => {
    const hello = await recordHello({ ...named, ecdhCurve: 'X25519MLKEM768' });
    expect(hello.length).toBeGreaterThan(1200);
    for (let cut = 0; cut < hello.length; cut++) {
      expect(parseClientHello(hello.subarray(0, cut))).toEqual({ kind: 'more' });
    }
    expect(parseClientHello(hello)).toEqual(expected);
    expect(parseClientHello(Buffer.concat([hello, Buffer.from('more')]))).toEqual(expected);
  });

  it('of openssl is read', async () => {
    const hello = await recordOpensslHello(
      '-servername',
      'WEB.ns.example',
      '-alpn',
      'transport.l5d.io/v1,h2',
      '-tls1_3',
    );
    expect(parseClientHello(hello)).toEqual(expected);
  });

  it('without a name or protocols says so', async () => {
    expect(parseClientHello(await recordHello({}))).toEqual({ kind: 'hello', sni: null, alpn: [] });
    expect(parseClientHello(await recordOpensslHello('-noservername'))).toMatchObject({ sni: null });
  });

  it('spread over many records is read', async () => {
    const hello = await recordHello(named);
    for (const size of [2, 3, 4, 100, 4096]) {
      const records = fragment(hello, size);
      expect(parseClientHello(records)).toEqual(expected);
      expect(parseClientHello(records.subarray(0, records.length - 1))).toEqual({ kind: 'more' });
    }
  });

  it.each([
    ['HTTP/1', Buffer.from('GET / HTTP/1.1\r\n')],
    ['HTTP/2', Buffer.from('PRI * HTTP/2.0\r\n')],
    ['one wrong byte', Buffer.from([0])],
    ['another major version', Buffer.from([22, 2])],
    ['an alert record', Buffer.from([21, 3, 1, 0, 2, 1, 0])],
    ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
    ['a record that is too long', Buffer.from([22, 3, 1, 0x40, 1])],
    ['another handshake message', Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])],
    ['a message beyond the limit', Buffer.from([22, 3, 1, 0, 4, 1, 0, 0x20, 0])],
    ['a message that is empty', Buffer.from([22, 3, 1, 0, 4, 1, 0, 0, 0])],
  ])('is not what %s is', (_, bytes) => {
    expect(parseClientHello(bytes)).toEqual({ kind: 'not-tls' });
  });

  it('is refused or unchanged in meaning, never a crash, with any one byte changed', async () => {
    const hello = await recordHello(named);
    for (let at = 0; at < hello.length; at++) {
      for (const change of [0x01, 0x80, 0xff]) {
        const broken = Buffer.from(hello);
        broken[at]! ^= change;
        expect(['more', 'not-tls', 'hello']).toContain(parseClientHello(broken).kind);
      }
    }
  });

  it('is not waited for beyond the limit', async () => {
    const records = fragment(Buffer.concat([await recordHello({})]), 1);
    const dribble = Buffer.concat([
      records.subarray(0, 60),
      Buffer.alloc(CLIENT_HELLO_LIMIT, records.subarray(54, 60)),
    ]);
    expect(parseClientHello(dribble).kind).toBe('not-tls');
  });

  it('with a name that no host has is one without a name', async () => {
    const hello = await recordHello({ servername: 'web.ns.example' });
    const at = hello.indexOf('web.ns.example');
    for (const byte of [0, 0x2c, 0x20, 0xe9]) {
      const odd = Buffer.from(hello);
      odd[at + 3] = byte;
      expect(parseClientHello(odd)).toMatchObject({ kind: 'hello', sni: null });
    }
  });
});
