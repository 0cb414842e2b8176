import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Chunk, ChunkedDecoder } from './chunked-decoder.ts';

const limits = { maxHeadBytes: 1024, maxFields: 10 };

/** Decodes a body that comes in these pieces. */
function decode(pieces: readonly string[], decoder = new ChunkedDecoder(limits)) {
  let body = '';
  decoder.reset();
  for (const [index, piece] of pieces.entries()) {
    const bytes = Buffer.from(piece, 'latin1');
    let offset = 0;
    while (offset < bytes.length) {
      offset = decoder.next(bytes, offset);
      if (decoder.event === Chunk.data) body += bytes.toString('latin1', decoder.dataStart, offset);
      else if (decoder.event === Chunk.malformed) return { body, offence: decoder.offence };
      else if (decoder.event === Chunk.end) {
        const rest = bytes.toString('latin1', offset) + pieces.slice(index + 1).join('');
        return { body, trailers: decoder.trailers, rest };
      }
    }
  }
  return { body, incomplete: true };
}

const message = '5;name="a;b"\r\nhello\r\n00A \t;x\r\n0123456789\r\n0;last\r\nX-Sum: 42\r\nX-Two:\r\n\r\n';
const decoded = { body: 'hello0123456789', trailers: ['x-sum', '42', 'x-two', ''], rest: 'GET' };

describe('a chunked body', () => {
  it('is read with its trailers; extensions are dropped', () => {
    expect(decode([`${message}GET`])).toEqual(decoded);
  });

  it('reads the same wherever it is cut in two', () => {
    const text = `${message}GET`;
    for (let cut = 1; cut < text.length; cut++)
      expect(decode([text.slice(0, cut), text.slice(cut)])).toEqual(decoded);
  });

  it('reads the same byte by byte', () => {
    expect(decode([...`${message}GET`])).toEqual(decoded);
  });

  it('can be followed by another one', () => {
    const decoder = new ChunkedDecoder(limits);
    expect(decode([message], decoder)).toMatchObject({ body: 'hello0123456789' });
    expect(decode(['0\r\n\r\n'], decoder)).toEqual({ body: '', trailers: null, rest: '' });
  });

  it('has no trailers that would change what the message means', () => {
    const text = '0\r\nContent-Length: 5\r\nTransfer-Encoding: x\r\nHost: b\r\nConnection: c\r\nX: y\r\n\r\n';
    expect(decode([text])).toMatchObject({ trailers: ['x', 'y'] });
  });

  it.each<[string, string]>([
    ['\r\n', 'chunk'],
    ['g\r\n', 'chunk'],
    ['0x5\r\nhello', 'chunk'],
    ['-5\r\nhello', 'chunk'],
    ['+5\r\nhello', 'chunk'],
    [' 5\r\nhello', 'chunk'],
    ['5 \r\nhello', 'chunk'],
    ['5 5\r\nhello', 'chunk'],
    ['5\nhello', 'bare-lf'],
    ['5\rhello', 'bare-cr'],
    ['5;a\nhello', 'bare-lf'],
    ['5;a\0\r\nhello', 'chunk'],
    ['5;a\r\r\nhello', 'bare-cr'],
    ['5\r\nhelloX', 'chunk'],
    ['5\r\nhello\n0\r\n\r\n', 'chunk'],
    ['5\r\nhello\rX', 'bare-cr'],
    ['fffffffffffff1\r\n', 'chunk'],
    ['00000000000005\r\nhello', 'chunk'],
    [`5;${'x'.repeat(5000)}\r\nhello`, 'chunk'],
    ['0\r\nx: y\n\r\n', 'bare-lf'],
    ['0\r\n\n', 'bare-lf'],
    ['0\r\nx : y\r\n\r\n', 'space-before-colon'],
    ['0\r\nx: a\0\r\n\r\n', 'field-value'],
    [`0\r\nx: ${'y'.repeat(2000)}`, 'trailers-too-large'],
    [`0\r\n${'x: y\r\n'.repeat(11)}\r\n`, 'too-many-fields'],
  ])('%j is refused, also byte by byte', (text, offence) => {
    expect(decode([text])).toMatchObject({ offence });
    expect(decode([...text])).toMatchObject({ offence });
  });

  it('reads back what was written in any cutting', () => {
    const chunks = fc.array(
      fc.string({ minLength: 1, maxLength: 40 }).map((s) => Buffer.from(s).toString('latin1')),
    );
    fc.assert(
      fc.property(chunks, fc.array(fc.nat({ max: 30 })), (parts, cuts) => {
        const text = `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`;
        const pieces: string[] = [];
        let at = 0;
        for (const cut of cuts) {
          pieces.push(text.slice(at, at + cut));
          at += cut;
        }
        pieces.push(text.slice(at));
        const present = pieces.filter((piece) => piece !== '');
        expect(decode(present)).toEqual({ body: parts.join(''), trailers: null, rest: '' });
      }),
    );
  });
});
