import { describe, expect, it } from '@jest/globals';
import { createCsr } from '@weft/service';
import * as fc from 'fast-check';
import { type CsrOptions, csrFor, keys } from './csr.builder.ts';
import { CsrError, parseCsr } from './csr.ts';
import { findForeignName } from './csr-rules.ts';

const identity = 'web.shop.serviceaccount.identity.linkerd.cluster.local';

describe('reading a request', () => {
  it.each([
    ['P-256', keys.p256()],
    ['RSA', keys.rsa()],
    ['Ed25519', keys.ed25519()],
  ])('takes a key of kind %s that signed it', (_kind, key) => {
    expect(parseCsr(csrFor(identity, { key }))).toMatchObject({
      commonNames: [identity],
      dnsNames: [identity],
      otherNames: [],
      asksForCa: false,
    });
  });

  it('takes what services of this control plane send', () => {
    expect(parseCsr(createCsr(identity, keys.p256())).dnsNames).toEqual([identity]);
  });

  it.each<[string, CsrOptions, string]>([
    ['on another curve', { key: keys.p384() }, 'secp384r1'],
    ['too short for RSA', { key: keys.rsa(1024) }, '1024 bits'],
    ['that did not sign it', { signedBy: keys.p256() }, 'not that of its own key'],
    ['of a kind that did not sign it', { signedBy: keys.ed25519() }, 'not that of its own key'],
  ])('refuses a key %s', (_case, options, text) => {
    expect(() => parseCsr(csrFor(identity, options))).toThrow(text);
  });

  it('refuses a request whose bytes were changed after signing', () => {
    const csr = csrFor(identity);
    csr[csr.indexOf('shop')] = 'S'.charCodeAt(0);
    expect(() => parseCsr(csr)).toThrow('not that of its own key');
  });

  it('refuses what is longer than any request', () => {
    expect(() => parseCsr(new Uint8Array(9_000))).toThrow('9000 bytes');
  });

  it('refuses nesting without end', () => {
    expect(() => parseCsr(Buffer.alloc(8_000, '3080', 'hex'))).toThrow(CsrError);
  });

  it('answers every other input with the same kind of error', () => {
    const good = csrFor(identity);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, end) => {
        const bad = Buffer.from(good.subarray(0, end));
        if (at < bad.length) bad[at] = byte;
        try {
          parseCsr(bad);
          return bad.equals(good);
        } catch (error) {
          return error instanceof CsrError;
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the names of a request', () => {
  const foreign = (options: CsrOptions) => findForeignName(parseCsr(csrFor(identity, options)), identity);

  it('may be the identity, with or without it as common name', () => {
    expect(foreign({})).toBeUndefined();
    expect(foreign({ commonName: null })).toBeUndefined();
    expect(foreign({ commonName: '' })).toBeUndefined();
  });

  it.each<[CsrOptions, string]>([
    [{ dns: [] }, 'no DNS name'],
    [{ dns: ['admin'] }, 'admin'],
    [{ dns: [identity, 'admin'] }, `${identity}, admin`],
    [{ dns: [identity.toUpperCase()] }, identity.toUpperCase()],
    [{ commonName: 'admin' }, 'common name admin'],
    [{ email: 'root@shop' }, 'email name root@shop'],
    [{ uri: 'spiffe://root/admin' }, 'uri name spiffe://root/admin'],
    [{ ip: Uint8Array.of(10, 0, 0, 1) }, 'ip name 0a000001'],
    [{ ca: true }, 'a certificate authority'],
  ])('may be nothing more: %j', (options, found) => {
    expect(foreign(options)).toBe(found);
  });
});
