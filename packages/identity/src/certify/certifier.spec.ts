import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { csrFor, keys } from '../certificate/csr.builder.ts';
import { MemoryLimit } from '../limit/memory-limit.ts';
import { anchor, certifierOf, hour, issuerOf, tokenFor } from './certifier.builder.ts';

const identity = 'web.shop.serviceaccount.identity.linkerd.cluster.local';
const other = 'admin.shop.serviceaccount.identity.linkerd.cluster.local';
const signal = new AbortController().signal;
const good = { identity, token: tokenFor('web', 'shop'), csr: csrFor(identity) };

describe('an issued leaf', () => {
  it('holds exactly what proxies expect of one', async () => {
    const { certifier, issuer } = certifierOf();
    const before = Date.now();
    const { leaf, chain } = await certifier.certify(good, signal);
    const certificate = new X509Certificate(leaf.der);
    expect(certificate.subject).toBe(`CN=${identity}`);
    expect(certificate.subjectAltName).toBe(`DNS:${identity}`);
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect(certificate.validFromDate.getTime()).toBe(Math.floor((before - 10_000) / 1000) * 1000);
    expect(certificate.validToDate.getTime()).toBeCloseTo(before + 24 * hour + 10_000, -4);
    expect(leaf.notAfter).toEqual(certificate.validToDate);
    expect(certificate.checkIssued(issuer.certificate)).toBe(true);
    expect(certificate.verify(issuer.certificate.publicKey)).toBe(true);
    expect(chain).toEqual([issuer.certificate.raw]);
  });

  it.each([
    ['P-256', keys.p256()],
    ['RSA', keys.rsa()],
    ['Ed25519', keys.ed25519()],
  ])('is for the key of the request: %s', async (_kind, key) => {
    const { certifier } = certifierOf();
    const { leaf } = await certifier.certify({ ...good, csr: csrFor(identity, { key }) }, signal);
    expect(new X509Certificate(leaf.der).checkPrivateKey(key)).toBe(true);
  });

  it.each(['p256', 'p384', 'rsa', 'ed25519'] as const)(
    'verifies under an issuer of kind %s',
    async (kind) => {
      const issuer = issuerOf(hour, kind);
      const { certifier } = certifierOf({ issuer: () => issuer });
      const { leaf } = await certifier.certify(good, signal);
      expect(new X509Certificate(leaf.der).verify(issuer.certificate.publicKey)).toBe(true);
    },
  );

  it('has a positive serial of its own, at least 64 bits long', async () => {
    const { certifier } = certifierOf();
    const leaves = await Promise.all(Array.from({ length: 50 }, () => certifier.certify(good, signal)));
    const serials = leaves.map(({ leaf }) => leaf.serial);
    expect(new Set(serials).size).toBe(50);
    expect(serials.every((serial) => /^[4-7][0-9a-f]{31}$/.test(serial))).toBe(true);
    expect(new X509Certificate(leaves[0]!.leaf.der).serialNumber.toLowerCase()).toBe(serials[0]);
  });

  it('never outlives its issuer', async () => {
    const issuer = issuerOf(hour);
    const { certifier } = certifierOf({ issuer: () => issuer });
    const { leaf } = await certifier.certify(good, signal);
    expect(leaf.notAfter.getTime()).toBe(issuer.certificate.validToDate.getTime());
  });

  it('is in the ledger, without key and token', async () => {
    const { certifier, ledger } = certifierOf();
    const { leaf } = await certifier.certify(good, signal);
    const [entry] = await ledger.latest(1);
    expect(entry).toEqual({
      serial: leaf.serial,
      identity,
      issuer: 'CN=identity.linkerd.cluster.local',
      issuedAt: expect.stringMatching(/Z$/),
      notBefore: leaf.notBefore.toISOString(),
      notAfter: leaf.notAfter.toISOString(),
    });
  });

  it('comes with a log line that holds its SHA-256, and no token', async () => {
    const { certifier, events } = certifierOf();
    const { leaf } = await certifier.certify(good, signal);
    const digest = new X509Certificate(leaf.der).fingerprint256.replaceAll(':', '').toLowerCase();
    const text = JSON.stringify(events);
    expect(text).toContain(
      `issued certificate for ${identity} until ${leaf.notAfter.toISOString()}: ${digest}`,
    );
    expect(text).not.toContain(good.token.toString());
  });
});

describe('a refusal', () => {
  const expired = certifierOf({ now: () => Date.now() + 1_000 * hour });
  const bad = { identity: other, token: Buffer.from('x'), csr: csrFor(identity, { dns: [] }) };

  it.each([
    [
      'has no issuer',
      { code: 'unavailable', message: 'cert issuer not ready yet' },
      { ...bad, identity: '' },
      certifierOf({ issuer: () => undefined }),
    ],
    [
      'names no identity',
      { code: 'invalid_argument', message: 'missing identity' },
      { ...bad, identity: '' },
      expired,
    ],
    [
      'has no token',
      { code: 'invalid_argument', message: 'missing token' },
      { ...bad, token: Buffer.alloc(0) },
      expired,
    ],
    [
      'has no request',
      { code: 'invalid_argument', message: 'missing certificate signing request' },
      { ...bad, csr: Buffer.alloc(0) },
      expired,
    ],
    ['has a request that is none', { code: 'invalid_argument' }, { ...bad, csr: Buffer.from('x') }, expired],
    [
      'meets an issuer that has expired',
      { code: 'unknown', message: expect.stringContaining('expired at') },
      bad,
      expired,
    ],
    [
      'asks for no name',
      {
        code: 'failed_precondition',
        message: expect.stringContaining(`requested=${other}; found=no DNS name`),
      },
      bad,
      certifierOf(),
    ],
    [
      'asks for another name',
      {
        code: 'failed_precondition',
        message: expect.stringContaining(`requested=${other}; found=${identity}`),
      },
      { ...bad, csr: csrFor(identity) },
      certifierOf(),
    ],
    [
      'has a token that is none',
      { code: 'invalid_argument', message: expect.stringContaining(`token for ${identity} is invalid`) },
      { ...good, token: Buffer.from('x') },
      certifierOf(),
    ],
  ])('tells apart, in this order, who %s', async (_case, error, input, { certifier }) => {
    await expect(certifier.certify(input, signal)).rejects.toMatchObject(error);
  });

  it('names both identities when the token speaks for another one', async () => {
    const { certifier } = certifierOf();
    await expect(
      certifier.certify({ ...good, identity: other, csr: csrFor(other) }, signal),
    ).rejects.toMatchObject({
      code: 'failed_precondition',
      message: `requested identity did not match provided token: requested=${other}; found=${identity}`,
    });
  });

  it('says of a token that proves nothing only that', async () => {
    const { certifier, events } = certifierOf();
    const token = Buffer.from(good.token.toString().replace(/.{4}$/, 'AAAA'));
    await expect(certifier.certify({ ...good, token }, signal)).rejects.toMatchObject({
      code: 'failed_precondition',
      message: 'authentication token could not be authenticated',
    });
    expect(events).toContainEqual(expect.objectContaining({ level: 'warn', message: 'certificate refused' }));
  });

  it('is internal when nobody could say what the token is worth', async () => {
    const { certifier } = certifierOf({
      tokens: { validate: () => Promise.reject(new Error('API is away')) },
    });
    await expect(certifier.certify(good, signal)).rejects.toMatchObject({
      code: 'internal',
      message: `error validating token for ${identity}: API is away`,
    });
  });

  it('meets an identity that comes too often, and no other', async () => {
    const { certifier, metrics } = certifierOf({
      limit: new MemoryLimit({ perSecond: 1, burst: 2 }, () => 0),
    });
    await certifier.certify(good, signal);
    await certifier.certify(good, signal);
    await expect(certifier.certify(good, signal)).rejects.toMatchObject({
      code: 'resource_exhausted',
      message: expect.stringContaining('try again in 1000 ms'),
    });
    const admin = { identity: other, token: tokenFor('admin', 'shop'), csr: csrFor(other) };
    await certifier.certify(admin, signal);
    expect(await metrics()).toContain('identity_certificates_refused_total{reason="limited"} 1');
  });

  it('does not use up the limit of an identity that others only claim', async () => {
    const { certifier } = certifierOf({ limit: new MemoryLimit({ perSecond: 1, burst: 1 }, () => 0) });
    const claimed = { identity: other, token: good.token, csr: csrFor(other) };
    await expect(certifier.certify(claimed, signal)).rejects.toThrow();
    const admin = { identity: other, token: tokenFor('admin', 'shop'), csr: csrFor(other) };
    await expect(certifier.certify(admin, signal)).resolves.toBeDefined();
  });
});

describe('a request during a change of issuers', () => {
  it('is answered with the leaf and the chain of one issuer', async () => {
    const issuers = [issuerOf(), issuerOf()];
    let turn = 0;
    const validated = Promise.withResolvers<void>();
    const { certifier } = certifierOf({
      issuer: () => issuers[turn],
      tokens: {
        validate: async () => {
          await validated.promise;
          return { kind: 'authenticated', account: { namespace: 'shop', name: 'web' } };
        },
      },
    });
    const answer = certifier.certify(good, signal);
    turn = 1;
    validated.resolve();
    const { leaf, chain } = await answer;
    expect(new X509Certificate(leaf.der).verify(new X509Certificate(chain[0]!).publicKey)).toBe(true);
  });
});

describe('the trust anchor of these tests', () => {
  it('is not sent along', async () => {
    const { chain } = await certifierOf().certifier.certify(good, signal);
    expect(chain.some((der) => der.equals(new X509Certificate(anchor.certChainPem).raw))).toBe(false);
  });
});
