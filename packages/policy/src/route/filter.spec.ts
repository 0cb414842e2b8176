import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { HttpRoute_FilterSchema } from '@weft/proto/outbound';
import { decodeGrpcFilter, decodeHttpFilter } from './decode-filter.ts';
import { modifyHeaders } from './modify-headers.ts';

type Init = MessageInitShape<typeof HttpRoute_FilterSchema>;
const decode = (kind: NonNullable<Init['kind']>) =>
  decodeHttpFilter(create(HttpRoute_FilterSchema, { kind }), 'filter');
const headers = (...pairs: [string, string][]) => ({
  headers: pairs.map(([name, value]) => ({ name, value: Buffer.from(value, 'latin1') })),
});

describe('a header modifier', () => {
  it('adds, then sets, then removes', () => {
    const list = ['x-add', 'old', 'x-set', '1', 'x-set', '2', 'x-gone', '1', 'x-keep', 'k'];
    modifyHeaders(
      {
        add: ['x-add', 'new', 'x-gone', '2'],
        set: ['x-set', 'set', 'x-fresh', 'f'],
        remove: ['x-gone', 'x-none'],
      },
      list,
    );
    expect(list).toEqual(['x-add', 'old', 'x-keep', 'k', 'x-add', 'new', 'x-set', 'set', 'x-fresh', 'f']);
  });

  it('is decoded with lower-case names and values as latin1', () => {
    const value = { add: headers(['X-A', '\xe9']), set: headers(), remove: ['X-B'] };
    expect(decode({ case: 'requestHeaderModifier', value })).toEqual({
      kind: 'request-headers',
      modifier: { add: ['x-a', '\xe9'], set: [], remove: ['x-b'] },
    });
  });

  it('cannot touch how messages are framed', () => {
    const value = {
      add: headers(['Transfer-Encoding', 'chunked'], ['x', '1']),
      set: headers(['content-length', '0']),
      remove: ['Connection', 'content-length'],
    };
    expect(decode({ case: 'responseHeaderModifier', value })).toEqual({
      kind: 'response-headers',
      modifier: { add: ['x', '1'], set: [], remove: [] },
    });
  });

  it.each([
    ['a b', '1'],
    ['', '1'],
    [':path', '1'],
    ['x', 'a\r\nb: c'],
    ['x', '\0'],
  ])('refuses %j: %j', (name, value) => {
    expect(() => decode({ case: 'requestHeaderModifier', value: { add: headers([name, value]) } })).toThrow(
      /^filter\.add\[0\]/,
    );
  });
});

describe('a failure injector', () => {
  it('fails every request when it names no ratio', () => {
    expect(decode({ case: 'failureInjector', value: { status: 500, message: 'no' } })).toEqual({
      kind: 'fail-http',
      status: 500,
      message: 'no',
      ratio: { numerator: 1, denominator: 1 },
    });
  });

  it.each([
    [{ status: 42 }, 'status'],
    [{ status: 101 }, 'status'],
    [{ status: 500, ratio: { numerator: 1, denominator: 0 } }, 'ratio'],
    [{ status: 500, ratio: { numerator: 3, denominator: 2 } }, 'ratio'],
  ])('refuses %j', (value, field) => {
    expect(() => decode({ case: 'failureInjector', value })).toThrow(field);
  });

  it('turns codes that gRPC does not know into UNKNOWN', () => {
    const value = { code: 500, message: 'x', ratio: undefined } as never;
    expect(decodeGrpcFilter({ kind: { case: 'failureInjector', value } }, 'f')).toMatchObject({ code: 2 });
  });
});

describe('a redirect', () => {
  const redirect = (value: object) => decode({ case: 'redirect', value });

  it('is permanent unless it says otherwise, and found when the resource left the status out', () => {
    expect(redirect({})).toMatchObject({ redirect: { status: 301, scheme: null, host: null, path: null } });
    expect(redirect({ status: 200 })).toMatchObject({ redirect: { status: 302 } });
    expect(redirect({ status: 308 })).toMatchObject({ redirect: { status: 308 } });
  });

  it.each([
    [{ port: 70_000 }, 'port'],
    [{ host: 'a b' }, 'host'],
    [{ host: 'a/b' }, 'host'],
    [{ path: { replace: { case: 'full', value: 'relative' } } }, 'path'],
    [{ path: { replace: { case: 'prefix', value: '/a\r\nx: y' } } }, 'path'],
    [{ scheme: { type: { case: 'unregistered', value: 'a b' } } }, 'scheme'],
  ])('refuses %j', (value, field) => {
    expect(() => redirect(value)).toThrow(field);
  });
});

describe('a filter of no known kind', () => {
  it('is kept as unknown', () => {
    expect(decode({ case: undefined })).toEqual({ kind: 'unknown' });
  });
});
