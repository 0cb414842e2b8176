import { describe, expect, it } from '@jest/globals';
import { Authority } from './certificates.builder.ts';
import { verifyChain } from './verify-chain.ts';

const HOUR = 3_600_000;

describe('a chain', () => {
  const root = Authority.root();
  const issuer = root.issuer();
  const below = issuer.issuer('below');
  const { leaf, intermediates } = below.certify('web');
  const now = Date.now();

  it('leads to an anchor over intermediates in any order', () => {
    expect(intermediates).toHaveLength(2);
    expect(verifyChain(leaf, intermediates, [root.certificate], now)).toBeNull();
    expect(
      verifyChain(leaf, intermediates.toReversed(), [Authority.root().certificate, root.certificate], now),
    ).toBeNull();
  });

  it('may end at an anchor that is not a root', () => {
    expect(verifyChain(leaf, intermediates, [issuer.certificate], now)).toBeNull();
  });

  it('is refused without the way between', () => {
    expect(verifyChain(leaf, [], [root.certificate], now)).toMatch(/^no trust anchor and no intermediate/);
  });

  it('is refused by another anchor of the same name', () => {
    expect(verifyChain(leaf, intermediates, [Authority.root().certificate], now)).toMatch(/^no trust anchor/);
  });

  it('is refused at another time', () => {
    expect(verifyChain(leaf, intermediates, [root.certificate], now + 25 * HOUR)).toMatch(
      /CN=web.*has expired/,
    );
    expect(verifyChain(leaf, intermediates, [root.certificate], now - 2 * HOUR)).toMatch(
      /CN=web.*not valid yet/,
    );
    const old = root.issuer('old', { notAfter: new Date(now - 1000) });
    expect(verifyChain(old.certify('web').leaf, [old.certificate], [root.certificate], now)).toMatch(
      /CN=old.*has expired/,
    );
  });

  it('is refused below a certificate that is no authority', () => {
    const leafAsIssuer = issuer.certify('mallory');
    const forged = issuer.issuer('mallory').certify('web');
    expect(
      verifyChain(forged.leaf, [leafAsIssuer.leaf, issuer.certificate], [root.certificate], now),
    ).toMatch(/^no trust/);
  });
});
