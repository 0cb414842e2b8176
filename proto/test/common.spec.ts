import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import {
  HeadersSchema,
  HttpMethod_Registered,
  HttpMethodSchema,
  Scheme_Registered,
  SchemeSchema,
} from '@weft/proto/http_types';
import { MetadataSchema } from '@weft/proto/meta';
import { IPAddressSchema, IPNetworkSchema, TcpAddressSchema } from '@weft/proto/net';
import { HeaderSchema } from '@weft/proto/transport_header';
import { expectWire, hex } from './wire.builder.ts';

describe('addresses', () => {
  it('hold IPv4 as a number whose bytes protobuf stores last first', () => {
    // 10.1.2.3:8080
    expectWire(TcpAddressSchema, hex('0a 05 0d 03 02 01 0a 10 90 3f'), {
      ip: { ip: { case: 'ipv4', value: 0x0a010203 } },
      port: 8080,
    });
  });

  it('hold IPv6 as two numbers of 64 bits, the high one first', () => {
    // fd00::1
    expectWire(IPAddressSchema, hex('12 12 09 00 00 00 00 00 00 00 fd 11 01 00 00 00 00 00 00 00'), {
      ip: { case: 'ipv6', value: { first: 0xfd00000000000000n, last: 1n } },
    });
  });

  it('make a network with the length of their prefix', () => {
    // 10.0.0.0/8
    expectWire(IPNetworkSchema, hex('0a 05 0d 00 00 00 0a 10 08'), {
      ip: { ip: { case: 'ipv4', value: 0x0a000000 } },
      prefixLen: 8,
    });
  });

  it('tell 0.0.0.0 from no address', () => {
    expectWire(IPAddressSchema, hex('0d 00 00 00 00'), { ip: { case: 'ipv4', value: 0 } });
    expect(fromBinary(IPAddressSchema, hex('')).ip.case).toBeUndefined();
  });
});

describe('metadata', () => {
  it('names what was made up', () => {
    expectWire(MetadataSchema, hex('0a 04 68 74 74 70'), { kind: { case: 'default', value: 'http' } });
  });

  it('names a resource by all of its parts', () => {
    expectWire(
      MetadataSchema,
      hex('12 1a 0a 04 63 6f 72 65 12 07 53 65 72 76 69 63 65 1a 01 77 22 01 6e 2a 01 73 30 50'),
      {
        kind: {
          case: 'resource',
          value: { group: 'core', kind: 'Service', name: 'w', namespace: 'n', section: 's', port: 80 },
        },
      },
    );
  });
});

describe('HTTP types', () => {
  it('tell the method GET, which is 0, from no method', () => {
    expectWire(HttpMethodSchema, hex('08 00'), {
      type: { case: 'registered', value: HttpMethod_Registered.GET },
    });
    expect(fromBinary(HttpMethodSchema, hex('')).type.case).toBeUndefined();
  });

  it.each([
    ['GET', 0],
    ['POST', 1],
    ['PUT', 2],
    ['DELETE', 3],
    ['PATCH', 4],
    ['OPTIONS', 5],
    ['CONNECT', 6],
    ['HEAD', 7],
    ['TRACE', 8],
  ] as const)('number the method %s as %i', (name, number) => {
    expectWire(HttpMethodSchema, Uint8Array.of(0x08, number), {
      type: { case: 'registered', value: HttpMethod_Registered[name] },
    });
  });

  it('spell other methods and schemes out', () => {
    expectWire(HttpMethodSchema, hex('12 05 50 55 52 47 45'), {
      type: { case: 'unregistered', value: 'PURGE' },
    });
    expectWire(SchemeSchema, hex('12 02 77 73'), { type: { case: 'unregistered', value: 'ws' } });
    expectWire(SchemeSchema, hex('08 01'), { type: { case: 'registered', value: Scheme_Registered.HTTPS } });
  });

  it('hold header values as bytes', () => {
    expectWire(HeadersSchema, hex('0a 07 0a 01 78 12 02 ff 00'), {
      headers: [{ name: 'x', value: Uint8Array.of(0xff, 0) }],
    });
  });
});

describe('the transport header', () => {
  it('names port 4321 and HTTP/2', () => {
    expectWire(HeaderSchema, hex('08 e1 21 1a 02 12 00'), {
      port: 4321,
      sessionProtocol: { kind: { case: 'http2', value: {} } },
    });
  });

  it('names only the port of opaque traffic', () => {
    expectWire(HeaderSchema, hex('08 e1 21'), { port: 4321 });
  });

  it('names a gateway’s target and HTTP/1', () => {
    expectWire(HeaderSchema, hex('08 50 12 03 77 65 62 1a 02 0a 00'), {
      port: 80,
      name: 'web',
      sessionProtocol: { kind: { case: 'http1', value: {} } },
    });
  });
});

describe('unknown fields', () => {
  it('are passed over', () => {
    // Field 15, a string, before the port.
    expect(fromBinary(TcpAddressSchema, hex('7a 03 61 62 63 10 50')).port).toBe(80);
  });

  it('that are cut off make the message unreadable', () => {
    expect(() => fromBinary(TcpAddressSchema, hex('7a 0f 61'))).toThrow();
  });
});
