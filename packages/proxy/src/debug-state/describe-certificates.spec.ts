import { describe, expect, it } from '@jest/globals';
import type { IdentityStatus } from '../identity/identity-source.ts';
import { credentialsOf, issuer, WEB } from '../tls/mesh-tls.builder.ts';
import { describeIdentity } from './describe-certificates.ts';

const status: IdentityStatus = {
  validUntil: Date.UTC(2026, 0, 2),
  refreshedAt: Date.UTC(2026, 0, 1),
  nextAttemptAt: null,
  installed: 3,
  rejected: 1,
};

describe('the identity', () => {
  it('is told with its certificates and their dates, and without any key', () => {
    const certified = issuer.certify(WEB);
    const state = describeIdentity(WEB, credentialsOf(certified), status);
    expect(state).toMatchObject({
      name: WEB,
      certificate: {
        names: { total: 1, shown: [WEB] },
        serialNumber: certified.leaf.serialNumber,
        notAfter: certified.leaf.validToDate.toISOString(),
        sha256: certified.leaf.fingerprint256,
      },
      intermediates: { total: certified.intermediates.length },
      trustAnchors: { total: 1 },
      validUntil: '2026-01-02T00:00:00.000Z',
      refreshedAt: '2026-01-01T00:00:00.000Z',
      nextAttemptAt: null,
      installed: 3,
      rejected: 1,
    });
    const text = JSON.stringify(state);
    expect(text).not.toMatch(/PRIVATE|BEGIN/);
    const secret = certified.key.export({ format: 'jwk' }).d ?? '';
    expect(secret).not.toBe('');
    expect(text).not.toContain(secret);
  });

  it('may be missing yet', () => {
    expect(describeIdentity(WEB, credentialsOf(), status)).toMatchObject({
      certificate: null,
      intermediates: { total: 0 },
    });
  });
});
