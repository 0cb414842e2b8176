import { describe, expect, it } from '@jest/globals';
import { Authority } from './certificates.builder.ts';
import { parseTrustAnchors } from './trust-anchors.ts';

describe('trust anchors', () => {
  const one = Authority.root('one').certificate;
  const two = Authority.root('two').certificate;

  it('are every certificate of a bundle, whatever stands between them', () => {
    const anchors = parseTrustAnchors(`# mesh\n${one.toString()}\r\n\n${two.toString()}`);
    expect(anchors.map((anchor) => anchor.fingerprint256)).toEqual([one.fingerprint256, two.fingerprint256]);
  });

  it.each([
    ['nothing', ''],
    ['other text', 'hello'],
    ['a certificate cut short', one.toString().slice(0, 200)],
    ['a certificate that is none', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
  ])('are not read from %s', (_, pem) => {
    expect(() => parseTrustAnchors(pem)).toThrow(expect.objectContaining({ code: 'trust-anchors-invalid' }));
  });
});
