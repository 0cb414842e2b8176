import { describe, expect, it } from '@jest/globals';
import { CertifyRequestSchema, CertifyResponseSchema, Identity } from '@weft/proto/identity';
import { expectWire, hex } from './wire.builder.ts';

describe('identity', () => {
  it('is served as io.linkerd.proxy.identity.Identity/Certify', () => {
    expect(Identity.typeName).toBe('io.linkerd.proxy.identity.Identity');
    expect(Identity.method.certify).toMatchObject({ name: 'Certify', methodKind: 'unary' });
  });

  it('is asked by identity, token and request', () => {
    expectWire(CertifyRequestSchema, hex('0a 03 77 65 62 12 02 61 62 1a 02 30 00'), {
      identity: 'web',
      token: Uint8Array.of(0x61, 0x62),
      certificateSigningRequest: Uint8Array.of(0x30, 0x00),
    });
  });

  it('answers with leaf, intermediates and the end of their validity', () => {
    // 2026-01-02T03:04:05Z is 1767323045 seconds: a5 eb dc ca 06.
    expectWire(CertifyResponseSchema, hex('0a 02 30 01 12 02 30 02 12 02 30 03 1a 06 08 a5 eb dc ca 06'), {
      leafCertificate: Uint8Array.of(0x30, 1),
      intermediateCertificates: [Uint8Array.of(0x30, 2), Uint8Array.of(0x30, 3)],
      validUntil: { seconds: 1767323045n },
    });
  });
});
