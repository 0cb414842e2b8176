import { describe, it } from '@jest/globals';
import { GrpcFailureInjectorSchema, GrpcRouteMatchSchema } from '@weft/proto/grpc_route';
import {
  HostMatchSchema,
  HttpFailureInjectorSchema,
  HttpRouteMatchSchema,
  RequestHeaderModifierSchema,
  RequestRedirectSchema,
  ResponseHeaderModifierSchema,
  TimeoutsSchema,
} from '@weft/proto/http_route';
import { HttpMethod_Registered, Scheme_Registered } from '@weft/proto/http_types';
import { ForbiddenSchema, InvalidSchema } from '@weft/proto/opaque_route';
import { SniMatchSchema } from '@weft/proto/tls_route';
import { bytes, duration, expectWire, hex, len, varint } from './wire.builder.ts';

describe('an HTTP route', () => {
  it('matches hosts exactly or by suffix, its labels from right to left', () => {
    expectWire(HostMatchSchema, hex('0a 03 77 65 62'), { match: { case: 'exact', value: 'web' } });
    expectWire(HostMatchSchema, len(2, len(1, 'com'), len(1, 'example')), {
      match: { case: 'suffix', value: { reverseLabels: ['com', 'example'] } },
    });
  });

  it('matches path, headers, query and method', () => {
    const wire = bytes(
      len(1, len(2, '/a')),
      len(2, len(1, 'x'), len(2, Uint8Array.of(0xff))),
      len(2, len(1, 'y'), len(3, '.*')),
      len(3, len(1, 'q'), len(2, '1')),
      len(3, len(1, 'r'), len(3, '[0-9]')),
      len(4, varint(1, 0)),
    );
    expectWire(HttpRouteMatchSchema, wire, {
      path: { kind: { case: 'prefix', value: '/a' } },
      headers: [
        { name: 'x', value: { case: 'exact', value: Uint8Array.of(0xff) } },
        { name: 'y', value: { case: 'regex', value: '.*' } },
      ],
      queryParams: [
        { name: 'q', value: { case: 'exact', value: '1' } },
        { name: 'r', value: { case: 'regex', value: '[0-9]' } },
      ],
      method: { type: { case: 'registered', value: HttpMethod_Registered.GET } },
    });
  });

  it.each([
    ['exact', 1],
    ['prefix', 2],
    ['regex', 3],
  ] as const)('knows paths that are %s as field %i', (kind, field) => {
    expectWire(HttpRouteMatchSchema, len(1, len(field, '/')), { path: { kind: { case: kind, value: '/' } } });
  });

  it('changes headers of requests and responses', () => {
    const wire = bytes(
      len(1, len(1, len(1, 'a'), len(2, '1'))),
      len(2, len(1, len(1, 'b'), len(2, '2'))),
      len(3, 'c'),
      len(3, 'd'),
    );
    const message = {
      add: { headers: [{ name: 'a', value: Buffer.from('1') }] },
      set: { headers: [{ name: 'b', value: Buffer.from('2') }] },
      remove: ['c', 'd'],
    };
    expectWire(RequestHeaderModifierSchema, wire, message);
    expectWire(ResponseHeaderModifierSchema, wire, message);
  });

  it('redirects', () => {
    const wire = bytes(
      len(1, varint(1, 1)),
      len(2, 'web'),
      len(3, len(2, '/b')),
      varint(4, 8443),
      varint(5, 302),
    );
    expectWire(RequestRedirectSchema, wire, {
      scheme: { type: { case: 'registered', value: Scheme_Registered.HTTPS } },
      host: 'web',
      path: { replace: { case: 'prefix', value: '/b' } },
      port: 8443,
      status: 302,
    });
    expectWire(RequestRedirectSchema, len(3, len(1, '/c')), {
      path: { replace: { case: 'full', value: '/c' } },
    });
  });

  it('fails a share of requests', () => {
    expectWire(
      HttpFailureInjectorSchema,
      bytes(varint(1, 503), len(2, 'no'), len(3, varint(1, 1), varint(2, 4))),
      { status: 503, message: 'no', ratio: { numerator: 1, denominator: 4 } },
    );
  });

  it('has timeouts for response, request and silence', () => {
    expectWire(TimeoutsSchema, bytes(duration(1, 1), duration(2, 2), duration(3, 3)), {
      response: { seconds: 1n },
      request: { seconds: 2n },
      idle: { seconds: 3n },
    });
  });
});

describe('other routes', () => {
  it('match gRPC by service and method', () => {
    const wire = bytes(len(1, len(1, 'shop.Orders'), len(2, 'Place')), len(2, len(1, 'x'), len(3, '.')));
    expectWire(GrpcRouteMatchSchema, wire, {
      rpc: { service: 'shop.Orders', method: 'Place' },
      headers: [{ name: 'x', value: { case: 'regex', value: '.' } }],
    });
  });

  it('fail gRPC by code', () => {
    expectWire(
      GrpcFailureInjectorSchema,
      bytes(varint(1, 7), len(2, 'no'), len(3, varint(1, 1), varint(2, 2))),
      { code: 7, message: 'no', ratio: { numerator: 1, denominator: 2 } },
    );
  });

  it('match TLS by server name', () => {
    expectWire(SniMatchSchema, len(1, 'web'), { match: { case: 'exact', value: 'web' } });
    expectWire(SniMatchSchema, len(2, len(1, 'com')), {
      match: { case: 'suffix', value: { reverseLabels: ['com'] } },
    });
  });

  it('refuse opaque traffic', () => {
    expectWire(InvalidSchema, len(1, 'no'), { message: 'no' });
    expectWire(ForbiddenSchema, hex(''), {});
  });
});
