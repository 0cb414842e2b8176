import { describe, expect, it } from '@jest/globals';
import type { ResponseClass } from '@weft/policy';
import { responseHead } from '../exchange/exchange.builder.ts';
import { classifyByClasses } from './classify.ts';

const status = (min: number, max: number, failure: boolean): ResponseClass => ({
  condition: { kind: 'status', min, max },
  failure,
});

describe('the response classes of a route', () => {
  it('decide about the statuses they cover, whatever gRPC says', () => {
    const classes = [status(500, 500, false), status(200, 499, true)];
    const of = (code: number, headers: string[] = []) =>
      classifyByClasses(classes, responseHead(code, headers), null);
    expect(of(500)).toEqual({ classification: 'success', grpcStatus: '' });
    expect(of(404)).toEqual({ classification: 'failure', grpcStatus: '' });
    expect(of(200, ['grpc-status', '0'])).toEqual({ classification: 'failure', grpcStatus: '' });
  });

  it('leave other statuses to gRPC, in head or trailers, and then to HTTP', () => {
    const classes = [status(400, 499, true)];
    const of = (code: number, headers: string[], trailers: string[] | null) =>
      classifyByClasses(classes, responseHead(code, headers), trailers);
    expect(of(200, ['grpc-status', '13'], null)).toEqual({ classification: 'failure', grpcStatus: '13' });
    expect(of(200, [], ['grpc-status', '5'])).toEqual({ classification: 'success', grpcStatus: '5' });
    expect(of(503, [], null)).toEqual({ classification: 'failure', grpcStatus: '' });
    expect(of(200, [], null)).toEqual({ classification: 'success', grpcStatus: '' });
  });
});
