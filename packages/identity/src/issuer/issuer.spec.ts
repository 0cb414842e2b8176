import { describe, expect, it } from '@jest/globals';
import { createIssuer, createTrustAnchor } from '../certificate/authority.ts';
import { loadIssuer } from './issuer.ts';

const hour = 3_600_000;
const now = Date.now();
const anchor = createTrustAnchor({ name: 'root.linkerd.cluster.local', lifetimeMs: 10 * hour });
const stranger = createTrustAnchor({ name: 'root.linkerd.cluster.local', lifetimeMs: 10 * hour });
const issuer = createIssuer(anchor, { name: 'identity.linkerd.cluster.local', lifetimeMs: 2 * hour });
const bundle = { ...issuer, anchorsPem: anchor.certChainPem };

describe('loading an issuer', () => {
  it('takes one whose chain leads to a trust anchor', () => {
    const loaded = loadIssuer(bundle, now);
    expect(loaded.certificate.subject).toBe('CN=identity.linkerd.cluster.local');
    expect(loaded.chain).toHaveLength(1);
    expect(loaded.validity.notAfter).toBeGreaterThan(now + hour);
  });

  it('takes one among several anchors, in any order', () => {
    const anchorsPem = stranger.certChainPem + anchor.certChainPem;
    expect(loadIssuer({ ...issuer, anchorsPem }, now).chain).toHaveLength(1);
  });

  it('takes a trust anchor that is the issuer itself', () => {
    expect(loadIssuer({ ...anchor, anchorsPem: anchor.certChainPem }, now).chain).toHaveLength(1);
  });

  it('sends intermediates along, and counts their dates', () => {
    const between = createIssuer(anchor, { name: 'between', lifetimeMs: hour });
    const below = createIssuer(between, { name: 'below', lifetimeMs: 5 * hour });
    const loaded = loadIssuer({ ...below, anchorsPem: anchor.certChainPem }, now);
    expect(loaded.chain).toHaveLength(2);
    expect(loaded.validity.notAfter).toBeLessThan(now + 1.1 * hour);
  });

  it.each(['p384', 'rsa', 'ed25519'] as const)('takes a key of kind %s', (key) => {
    const other = createIssuer(anchor, { name: 'other', lifetimeMs: hour, key });
    expect(loadIssuer({ ...other, anchorsPem: anchor.certChainPem }, now).certificate.ca).toBe(true);
  });

  it.each([
    ['untrusted', { anchorsPem: stranger.certChainPem }],
    ['key_mismatch', { keyPem: stranger.keyPem }],
    ['malformed', { keyPem: 'no key' }],
    ['malformed', { certChainPem: 'no certificate' }],
    ['malformed', { anchorsPem: '' }],
    ['malformed', { certChainPem: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' }],
  ])('refuses a bundle as %s: %j', (code, change) => {
    expect(() => loadIssuer({ ...bundle, ...change }, now)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses one that is not valid at this moment', () => {
    expect(() => loadIssuer(bundle, now + 3 * hour)).toThrow(expect.objectContaining({ code: 'expired' }));
    expect(() => loadIssuer(bundle, now - hour)).toThrow(expect.objectContaining({ code: 'not_valid_yet' }));
  });

  it('says nothing of the key in its errors', () => {
    const broken = issuer.keyPem.replace(/[A-Z]/, '!');
    expect(() => loadIssuer({ ...bundle, keyPem: broken }, now)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(broken.slice(40, 60)) }),
    );
  });
});

describe('making authorities', () => {
  it('never lets an issuer outlive its anchor', () => {
    const long = createIssuer(anchor, { name: 'long', lifetimeMs: 100 * hour });
    const { validity } = loadIssuer({ ...long, anchorsPem: anchor.certChainPem }, now);
    expect(validity.notAfter).toBeLessThanOrEqual(now + 10 * hour + 1_000);
  });
});
