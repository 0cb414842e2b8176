import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Authority, dnsName, uriName } from '../../tls/certificates.builder.ts';
import { IdentityError } from '../identity-error.ts';
import { readSvid } from './read-svid.ts';
import { responseOf, SPIFFE_ID, svidOf } from './spire-agent.builder.ts';

const mesh = Authority.root();
const issuer = mesh.issuer('spire');
const elsewhere = Authority.root('other.example');

const read = (...svids: Parameters<typeof responseOf>) =>
  readSvid(responseOf(...svids), {
    identity: SPIFFE_ID,
    meshAnchors: [mesh.certificate],
    now: Date.now(),
  });

describe('an answer of the agent', () => {
  it('is read for the identity of this proxy, with its chain, key and end', () => {
    const other = svidOf(issuer, { id: 'spiffe://cluster.local/vm/web' });
    const svid = read(other, svidOf(issuer, { notAfter: new Date(Date.now() + 3_600_000) }));
    expect(svid.leaf.subjectAltName).toBe(`URI:${SPIFFE_ID}`);
    expect(svid.leaf.checkPrivateKey(svid.key)).toBe(true);
    expect(svid.intermediates.map(({ raw }) => raw)).toEqual([issuer.certificate.raw]);
    expect(svid.validUntil).toEqual(svid.leaf.validToDate);
  });

  it('adds what its trust domain trusts to the anchors of the mesh, for that domain', () => {
    const svid = read(svidOf(elsewhere, { bundle: [mesh, elsewhere] }));
    expect(svid.bundle).toMatchObject({ trustDomain: 'cluster.local' });
    expect(svid.bundle?.anchors.map(({ raw }) => raw)).toEqual([elsewhere.certificate.raw]);
    expect(read(svidOf(issuer, { bundle: [mesh] })).bundle).toBeNull();
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const good = svidOf(issuer);
  it.each<[string, string, Parameters<typeof responseOf>]>([
    ['for nobody', 'no-svid', []],
    ['for others', 'no-svid', [svidOf(issuer, { id: 'spiffe://cluster.local/vm/web' })]],
    ['without a certificate', 'malformed', [{ ...good, x509Svid: Buffer.alloc(0) }]],
    ['with a cut certificate', 'malformed', [{ ...good, x509Svid: good.x509Svid.subarray(0, -1) }]],
    ['whose key is none', 'malformed', [{ ...good, x509SvidKey: Buffer.from('key') }]],
    ['whose bundle is none', 'malformed', [{ ...good, bundle: Buffer.from('bundle') }]],
    ['with the key of another', 'wrong-key', [{ ...good, x509SvidKey: svidOf(issuer).x509SvidKey }]],
    [
      'with an RSA key, which the mesh cannot use',
      'wrong-key',
      [{ ...good, x509SvidKey: rsa.export({ type: 'pkcs8', format: 'der' }) }],
    ],
    [
      'whose certificate names somebody else',
      'wrong-name',
      [{ ...svidOf(issuer, { names: [uriName('spiffe://cluster.local/vm/web')] }), spiffeId: SPIFFE_ID }],
    ],
    [
      'whose certificate has it as a DNS name',
      'wrong-name',
      [svidOf(issuer, { names: [dnsName(SPIFFE_ID)] })],
    ],
    ['of an issuer that nobody trusts', 'untrusted', [svidOf(elsewhere)]],
    ['that has expired', 'lapsed', [svidOf(issuer, { notAfter: new Date(Date.now() - 1000) })]],
  ])('%s is refused', (_, code, svids) => {
    const error = (() => {
      try {
        return read(...svids);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(IdentityError);
    expect(error).toMatchObject({ code });
  });
});
