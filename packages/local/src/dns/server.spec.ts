import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decode, encode, type Packet, streamDecode, streamEncode } from 'dns-packet';
import { answer } from './answer.ts';
import { DnsServer } from './server.ts';
import { aHeadlessService, aService } from './zone.builder.ts';
import { Zone } from './zone.ts';

const many = Array.from({ length: 60 }, (_, n) => ({
  ip: `10.42.1.${n}`,
  hostname: undefined,
  ports: new Map<string, number>(),
}));
const zone = new Zone(
  'cluster.local',
  [aService(), aHeadlessService({ name: 'crowd', endpoints: many })],
  [],
);
const server = new DnsServer(() => zone);
let port = 0;

beforeAll(async () => {
  port = await server.listen('127.0.0.1', 0);
});
afterAll(() => server.close());

const question = (name: string, extra: Packet = {}): Packet => ({
  type: 'query',
  id: 7,
  questions: [{ type: 'A', name }],
  ...extra,
});

async function askUdp(query: Packet) {
  const socket = createSocket('udp4');
  socket.send(encode(query), port, '127.0.0.1');
  const [message] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  return decode(message);
}

describe('the name server', () => {
  it('answers over UDP', async () => {
    const reply = await askUdp(question('web.shop.svc.cluster.local'));
    expect(reply).toMatchObject({ id: 7, rcode: 'NOERROR', answers: [{ type: 'A', data: '10.43.0.20' }] });
  });

  it('says how long a missing name may be believed missing', async () => {
    const reply = await askUdp(question('nobody.shop.svc.cluster.local'));
    expect(reply).toMatchObject({
      rcode: 'NXDOMAIN',
      answers: [],
      authorities: [{ type: 'SOA', name: 'cluster.local' }],
    });
  });

  it('tells by truncation to ask again over TCP, and answers there in full', async () => {
    const query = question('crowd.shop.svc.cluster.local');
    expect(await askUdp(query)).toMatchObject({ flag_tc: true, answers: [] });
    const socket = connect(port, '127.0.0.1');
    socket.write(streamEncode(query));
    let bytes = Buffer.alloc(0);
    for await (const chunk of socket) {
      bytes = Buffer.concat([bytes, chunk as Buffer]);
      if (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) break;
    }
    socket.destroy();
    expect(streamDecode(bytes).answers).toHaveLength(60);
  });

  it('answers nothing to what is no message, and a format error to several questions', () => {
    expect(answer(Buffer.from([1, 2, 3]), zone, 'udp')).toBeUndefined();
    const two = encode({
      type: 'query',
      questions: [
        { type: 'A', name: 'a' },
        { type: 'A', name: 'b' },
      ],
    });
    expect(decode(answer(two, zone, 'udp')!)).toMatchObject({ rcode: 'FORMERR' });
  });
});
