import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ErrorCode } from '../../src/http2/error-code.ts';
import { Flag, FrameType } from '../../src/http2/frame.ts';
import {
  clientHello,
  dataFrame,
  frame,
  getRequest,
  goawayFrame,
  headersFrame,
  literalBlock,
  pingFrame,
  postRequest,
  resetFrame,
  settingsFrame,
  windowUpdateFrame,
} from '../../src/http2/frames.builder.ts';
import { Setting } from '../../src/http2/settings.ts';
import { canMakePods } from '../pod.builder.ts';
import { eventually } from '../proxy-process.builder.ts';
import type { RawClient } from '../traffic.builder.ts';
import { Siege } from './siege.builder.ts';

jest.setTimeout(30_000);

/** As another proxy would carry HTTP/1, which is what the application speaks. */
const carried = ['host', 'web', 'l5d-orig-proto', 'HTTP/1.1'];
const getting = (path: string) => [':method', 'GET', ':scheme', 'http', ':path', path, ':authority', 'web'];
const odd = (i: number) => 2 * i + 1;

/** Indexes its one field, which is then repeated by a byte each: 4000 bytes, 8000 times. */
const bomb = Buffer.concat([
  literalBlock(getRequest),
  Buffer.from([0x40, 0x01, 0x61, 0x7f, 0xa1, 0x1e]),
  Buffer.alloc(4000, 'v'),
  Buffer.alloc(8000, 0xbe),
]);
const crumbs = Buffer.concat([
  literalBlock(getRequest),
  Buffer.from([0x60, 0x03, 0x61, 0x3d, 0x62]),
  Buffer.alloc(12_000, 0xbe),
]);
const wholeBlock = (block: Buffer) => (i: number) =>
  frame(FrameType.Headers, Flag.EndHeaders | Flag.EndStream, odd(i), block);

// Without root there is no namespace to redirect in.
if (canMakePods()) {
  describe('hostile HTTP/2 clients', () => {
    let siege: Siege;
    const big = Buffer.alloc(1024 * 1024, 'b');

    beforeAll(async () => {
      siege = await Siege.start('inbound', {
        HTTP_HEAD_TIMEOUT: '1s',
        HTTP2_MAX_CONTROL_FRAMES: '2000',
        HTTP2_MAX_EMPTY_DATA_FRAMES: '200',
        HTTP2_MAX_QUEUED_BYTES: '200000',
      });
      siege.app.answer = (request, response) => {
        if (request.url === '/held') return;
        if (request.url === '/unread') request.pause();
        else if (request.url === '/headers') response.writeHead(200, { 'x-long': '~'.repeat(8000) }).end();
        else response.end(request.url === '/big' ? big : 'hello');
      };
    });
    afterAll(() => siege.stop());
    /** The code of GOAWAY, which comes last. */
    const goawayOf = ({ text }: RawClient) => {
      const bytes = Buffer.from(text, 'latin1');
      for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3))
        if (bytes[at + 3] === FrameType.Goaway) return bytes.readUInt32BE(at + 13);
      return undefined;
    };

    describe('while another client is served', () => {
      beforeEach(() => siege.begin());
      afterEach(() => siege.lift());

      it.each<[string, string, number, (i: number) => Buffer]>([
        ['PING', 'control_flood', 20_000, () => pingFrame()],
        ['SETTINGS', 'control_flood', 20_000, () => settingsFrame()],
        ['PRIORITY', 'control_flood', 20_000, (i) => frame(FrameType.Priority, 0, odd(i), [0, 0, 0, 0, 1])],
        [
          'empty DATA',
          'empty_data_flood',
          5000,
          (i) => (i === 0 ? headersFrame(1, postRequest, false) : dataFrame(1, '')),
        ],
        [
          'CONTINUATION',
          'continuation_flood',
          1000,
          (i) =>
            i === 0
              ? frame(FrameType.Headers, 0, 1, literalBlock(getRequest))
              : frame(FrameType.Continuation, 0, 1),
        ],
        [
          'an endless header block',
          'header_block_too_large',
          100,
          (i) => frame(i === 0 ? FrameType.Headers : FrameType.Continuation, 0, 1, Buffer.alloc(8000, 0x82)),
        ],
        [
          'rapid reset',
          'rapid_reset',
          20_000,
          (i) =>
            Buffer.concat([headersFrame(odd(i), [...getting('/held'), ...carried]), resetFrame(odd(i), 8)]),
        ],
        [
          'resets that they force on us',
          'rapid_reset',
          20_000,
          (i) => Buffer.concat([headersFrame(odd(i), getting('/held')), windowUpdateFrame(odd(i), 0)]),
        ],
      ])('that send a flood of %s are shown the door', async (_what, offence, count, make) => {
        const counted = await siege.counting(offence, async () => {
          const attacker = await siege.flood(count, make);
          await eventually('it is closed', () => attacker.closed);
          expect(goawayOf(attacker)).toBe(ErrorCode.EnhanceYourCalm);
        });
        expect(counted).toBe(1);
        expect(siege.app.asked.filter((line) => line.endsWith('/held')).length).toBeLessThan(count / 2);
      });

      it.each([
        ['an HPACK bomb', bomb],
        ['thousands of cookie crumbs', crumbs],
      ])('that send %s are answered 431 and may go on', async (_what, block) => {
        await siege.counting('header_list_too_large', async () => {
          const attacker = await siege.flood(50, wholeBlock(block));
          attacker.send(headersFrame(odd(1000), [...getRequest, ...carried]));
          await eventually('it is answered', () => attacker.text.includes('hello'));
          expect(attacker.text).toContain('431');
        });
      });

      it('that overflow the window of the connection are shown the door', async () => {
        await siege.counting('flow_control', async () => {
          const attacker = await siege.flood(1, () => windowUpdateFrame(0, 0x7fff_ffff));
          await eventually('it is closed', () => attacker.closed);
          expect(goawayOf(attacker)).toBe(ErrorCode.FlowControlError);
        });
      });

      it('that begin header blocks and keep them open are shown the door in time', async () => {
        const counted = await siege.counting('header_block_late', async () => {
          const fragment = Buffer.concat([literalBlock(getRequest), Buffer.alloc(15_000, 0x82)]);
          const open = await Promise.all(
            Array.from({ length: 200 }, () => siege.flood(1, () => frame(FrameType.Headers, 0, 1, fragment))),
          );
          await eventually('they are closed', () => open.every(({ closed }) => closed));
        });
        expect(counted).toBe(200);
      });

      it('that open their windows byte by byte get bytes, and make nobody buffer the rest', async () => {
        const before = siege.world.proxy.memory;
        const attacker = await siege.flood(
          50,
          (i) => headersFrame(odd(i), [...getting('/big'), ...carried]),
          [Setting.InitialWindowSize, 1],
        );
        await eventually(
          'they are asked for',
          () => siege.app.asked.filter((line) => line.endsWith('/big')).length === 50,
        );
        for (let round = 0; round < 100 && !attacker.closed; round++)
          attacker.send(Buffer.concat(Array.from({ length: 50 }, (_, i) => windowUpdateFrame(odd(i), 1))));
        await eventually('they get some', () => attacker.text.includes('b\0\0\x01'));
        expect(siege.world.proxy.memory - before).toBeLessThan(48);
      });

      it('that send DATA byte by byte to an application that does not read are held to their windows', async () => {
        const before = siege.world.proxy.memory;
        const streams = 20;
        const begun = Array.from({ length: streams }, (_, i) =>
          headersFrame(
            odd(i),
            [':method', 'POST', ':scheme', 'http', ':path', '/unread', ':authority', 'web', ...carried],
            false,
          ),
        );
        const attacker = await siege.attack(Buffer.concat([clientHello(), ...begun]));
        const bytes = Array.from({ length: streams }, (_, i) => dataFrame(odd(i), 'x'));
        const round = Buffer.concat(Array.from({ length: 200 }, () => bytes).flat());
        for (let i = 0; i < 75 && !attacker.closed; i++) {
          attacker.send(round);
          await new Promise((resolve) => setImmediate(resolve));
        }
        await eventually('all is sent', () => attacker.closed || attacker.socket.writableLength === 0);
        expect(siege.world.proxy.memory - before).toBeLessThan(64);
      });

      it('that ask and never read what they are answered are shown the door', async () => {
        await siege.counting('write_queue_full', async () => {
          const attacker = await siege.attack(clientHello());
          attacker.socket.pause();
          const asking = (i: number) => headersFrame(odd(i), [...getting('/headers'), ...carried]);
          for (let i = 0; i < 4000; i += 100) {
            attacker.send(Buffer.concat(Array.from({ length: 100 }, (_, k) => asking(i + k))));
            await new Promise((resolve) => setTimeout(resolve, 2));
          }
        });
      });

      it('that say GOAWAY, then forbid everything, end like others', async () => {
        const settings = settingsFrame([Setting.InitialWindowSize, 0, Setting.MaxConcurrentStreams, 0]);
        const attacker = await siege.flood(1, () =>
          Buffer.concat([headersFrame(1, [...getting('/big'), ...carried]), goawayFrame(0, 0), settings]),
        );
        await eventually('it is asked for', () => siege.app.asked.some((line) => line.endsWith('/big')));
        attacker.send(
          Buffer.concat([
            settingsFrame([Setting.InitialWindowSize, 2 ** 31 - 1]),
            windowUpdateFrame(0, 2 ** 30),
          ]),
        );
        await eventually(
          'it has all of it and is closed',
          () => attacker.closed && attacker.text.length > big.length,
        );
      });

      it.each<[string, string[]]>([
        ['a line end in a value', [...getRequest, 'x', 'y\r\nx-smuggled: 1']],
        ['a line end in a name', [...getRequest, 'x: y\r\nx-smuggled', '1']],
        ['a colon in a name', [...getRequest, 'x:y', '1']],
        ['a request in the path', getting('/ HTTP/1.1\r\nhost: a\r\n\r\nGET /smuggled')],
        ['a blank in the path', getting('/smuggled HTTP/1.1 x')],
        ['another URI as the path', getting('http://other/smuggled')],
        [
          'a line end in the method',
          [':method', 'GET /smuggled HTTP/1.1\r\n', ':scheme', 'http', ':path', '/'],
        ],
        ['a line end in the authority', [...getRequest.slice(0, 6), ':authority', 'a\r\nx-smuggled: 1']],
        ['a user in the authority', [...getRequest.slice(0, 6), ':authority', 'smuggled@web']],
        ['a host that is another', [...getRequest, 'host', 'smuggled']],
        ['transfer-encoding', [...getRequest, 'transfer-encoding', 'chunked']],
        ['two lengths', [...getRequest, 'content-length', '0', 'content-length', '9']],
        ['a length that is not kept', [...getRequest, 'content-length', '9']],
        ['connection', [...getRequest, 'connection', 'x-smuggled']],
      ])('that inject %s into HTTP/1 are reset', async (_what, fields) => {
        const headers = fields.includes('host') ? fields : [...fields, ...carried.slice(2)];
        await siege.counting('malformed_message', async () => {
          const attacker = await siege.flood(1, () => headersFrame(1, headers));
          await eventually('it is reset', () => attacker.text.includes('\0\0\x04\x03\0\0\0\0\x01\0\0\0\x01'));
        });
        expect(siege.app.asked.every((line) => line === 'GET /')).toBe(true);
      });
    });

    it('leave nothing behind', () => siege.expectNothingLeft());
  });
}
