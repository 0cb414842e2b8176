import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../../property-runs.builder.ts';
import { parseServiceAddress, parseSocketAddress } from './addresses.ts';

const port = fc.integer({ min: 0, max: 65_535 });

/** What the URL parser of Node makes of it; null where it is none. */
function byUrl(text: string): { ip: string; port: number } | null {
  if (!URL.canParse(`weft://${text}`)) return null;
  const url = new URL(`weft://${text}`);
  return { ip: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) };
}

function parsed<T>(parse: (text: string) => T, text: string): T | null {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

describe('an address with a port', () => {
  it('is read as a URL reads it', () => {
    const ip = fc.oneof(
      fc.ipV4(),
      fc.ipV6().map((text) => `[${text}]`),
    );
    fc.assert(
      fc.property(ip, port, (host, number) => {
        const read = parseSocketAddress(`${host}:${number}`);
        const oracle = byUrl(`${host}:${number}`);
        if (!/^\[::ffff:/.test(host)) expect(read).toEqual(oracle);
        expect(read.port).toBe(number);
      }),
      propertyRuns(300),
    );
  });

  it('is refused, or read as a URL reads it, however it is written', () => {
    const unit = fc.constantFrom(
      '1',
      '255',
      '256',
      '01',
      '.',
      ':',
      '[',
      ']',
      '::',
      'f00',
      '%',
      '@',
      '/',
      'x',
      '80',
      ' ',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 14 }), (text) => {
        const read = parsed(parseSocketAddress, text);
        if (read !== null) expect(byUrl(text.trim())).toMatchObject({ port: read.port });
        const service = parsed(parseServiceAddress, text);
        if (service === null) return;
        expect(byUrl(text.trim())).toMatchObject({ port: service.port });
        expect(service.authority).toBe(text.trim());
      }),
      propertyRuns(1000),
    );
  });
});
