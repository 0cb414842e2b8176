import { describe, expect, it } from '@jest/globals';
import { requestHead, responseHead } from '../exchange/exchange.builder.ts';
import type { HttpVersion } from './message.ts';
import { downgradeRequest, downgradeResponse, upgradeRequest, upgradeResponse } from './orig-proto.ts';

describe('HTTP/1 carried over HTTP/2', () => {
  it.each([
    ['1.1', 'origin', 'HTTP/1.1'],
    ['1.0', 'origin', 'HTTP/1.0'],
    ['1.1', 'absolute', 'HTTP/1.1; absolute-form'],
  ] as const)('from %s in %s form is marked %j and comes out as it was', (version, form, mark) => {
    const headers = ['host', 'app', 'transfer-encoding', 'chunked'];
    const request = requestHead({ version, form, headers });
    upgradeRequest(request);
    expect(request).toMatchObject({ version: '2', form: 'origin' });
    expect(request.headers).toEqual(['host', 'app', 'l5d-orig-proto', mark]);
    expect(downgradeRequest(request)).toBe(true);
    expect(request).toMatchObject({ version, form });
    expect(request.headers).toEqual(['host', 'app']);
  });

  it('in absolute form names its host, whether its client did or not', () => {
    const mark = ['l5d-orig-proto', 'HTTP/1.0; absolute-form'];
    const request = requestHead({ version: '2', authority: 'app', headers: [...mark] });
    expect(downgradeRequest(request)).toBe(true);
    expect(request.headers).toEqual(['host', 'app']);
  });

  it('cannot be marked by the application itself', () => {
    const request = requestHead({ headers: ['l5d-orig-proto', 'HTTP/1.0; absolute-form'] });
    upgradeRequest(request);
    expect(request.headers).toEqual(['l5d-orig-proto', 'HTTP/1.1']);
  });

  it.each(['HTTP/2.0', 'HTTP/0.9', 'anything', ''])('with the unknown mark %j stays HTTP/2', (mark) => {
    const request = requestHead({ version: '2', headers: ['l5d-orig-proto', mark] });
    expect(downgradeRequest(request)).toBe(false);
    expect(request).toMatchObject({ version: '2', headers: [] });
  });

  it('is no such thing without a mark', () => {
    const request = requestHead({ version: '2', headers: ['a', 'b'] });
    expect(downgradeRequest(request)).toBe(false);
    expect(request).toMatchObject({ version: '2', headers: ['a', 'b'] });
  });
});

describe('the answer to it', () => {
  it.each<HttpVersion>(['1.0', '1.1'])(
    'of an application that speaks %s says so to the other proxy',
    (version) => {
      const response = { ...responseHead(200, ['transfer-encoding', 'chunked', 'a', 'b']), version };
      upgradeResponse(response);
      expect(response).toMatchObject({
        version: '2',
        headers: ['a', 'b', 'l5d-orig-proto', `HTTP/${version}`],
      });
      downgradeResponse(response, '1.1');
      expect(response).toMatchObject({ version, headers: ['a', 'b'] });
    },
  );

  it('without a mark is in the version that was asked', () => {
    const response = { ...responseHead(), version: '2' as HttpVersion };
    downgradeResponse(response, '1.0');
    expect(response.version).toBe('1.0');
  });
});
