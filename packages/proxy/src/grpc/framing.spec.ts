import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { frameMessage, MessageReader } from './framing.ts';

describe('messages in the body of a call', () => {
  it('are framed as the protocol says', () => {
    expect(frameMessage(Buffer.from('ab'))).toEqual(Buffer.from([0, 0, 0, 0, 2, 0x61, 0x62]));
  });

  it('are found wherever the body is cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 });
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(messages, sizes, (sent, cuts) => {
        const body = Buffer.concat(sent.map(frameMessage));
        const reader = new MessageReader();
        const heard: Uint8Array[] = [];
        for (let at = 0, i = 0; at < body.length; i++) {
          const to = at + cuts[i % cuts.length]!;
          expect(
            reader.read(body.subarray(at, to), (message) => heard.push(new Uint8Array(message))),
          ).toBeNull();
          at = to;
        }
        expect(heard).toEqual(sent.map((message) => new Uint8Array(message)));
        expect(reader.partial).toBe(false);
      }),
    );
  });

  it('are refused above the limit before they are read', () => {
    const reader = new MessageReader(100);
    expect(reader.read(Buffer.from([0, 0, 0, 0, 101]), () => {})).toMatch(/101 bytes is longer than 100/);
  });

  it('are refused when compressed', () => {
    expect(new MessageReader().read(Buffer.from([1, 0, 0, 0, 0]), () => {})).toMatch(/compressed/);
  });
});
