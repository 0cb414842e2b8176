import { describe, expect, it } from '@jest/globals';
import { SpiffeWorkloadAPI, X509SVIDRequestSchema, X509SVIDResponseSchema } from '@weft/proto/workload';
import { expectWire, hex } from './wire.builder.ts';

describe("SPIFFE's workload API", () => {
  it('is served without a package', () => {
    expect(SpiffeWorkloadAPI.typeName).toBe('SpiffeWorkloadAPI');
    expect(SpiffeWorkloadAPI.method.fetchX509SVID).toMatchObject({
      name: 'FetchX509SVID',
      methodKind: 'server_streaming',
    });
    expectWire(X509SVIDRequestSchema, hex(''), {});
  });

  it('answers with identities, what is revoked, and the anchors of other domains', () => {
    const svid = '0a 0d 0a 01 61 12 02 30 01 1a 01 6b 22 01 62';
    const rest = '12 01 63 1a 08 0a 03 6f 74 68 12 01 64';
    expectWire(X509SVIDResponseSchema, hex(`${svid} ${rest}`), {
      svids: [
        {
          spiffeId: 'a',
          x509Svid: Uint8Array.of(0x30, 0x01),
          x509SvidKey: Uint8Array.of(0x6b),
          bundle: Uint8Array.of(0x62),
        },
      ],
      crl: [Uint8Array.of(0x63)],
      federatedBundles: { oth: Uint8Array.of(0x64) },
    });
  });
});
