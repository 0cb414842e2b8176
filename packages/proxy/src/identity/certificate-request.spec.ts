import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { createCertificateRequest } from './certificate-request.ts';

const ID = 'web.shop.serviceaccount.identity.linkerd.cluster.local';

describe('the certificate request', () => {
  it('is what openssl takes for a signed request of a P-256 key for one DNS name', () => {
    const { csr } = createCertificateRequest(ID);
    const args = ['req', '-inform', 'DER', '-noout', '-verify', '-text'];
    const text = execFileSync('openssl', args, { input: csr, stdio: ['pipe', 'pipe', 'ignore'] }).toString();
    expect(text).toMatch(new RegExp(`Subject: CN ?= ?${ID}\n`));
    expect(text).toContain('ASN1 OID: prime256v1');
    expect(text.match(/DNS:.*/g)).toEqual([`DNS:${ID}`]);
    expect(text).toContain('ecdsa-with-SHA256');
  });

  it('is refused by openssl once a byte of it is changed', () => {
    const { csr } = createCertificateRequest(ID);
    csr[csr.indexOf('shop')] = 0x53;
    const args = ['req', '-inform', 'DER', '-noout', '-verify'];
    let refused = false;
    try {
      const stderr = execFileSync('sh', ['-c', 'openssl "$@" 2>&1', 'sh', ...args], {
        input: csr,
      }).toString();
      refused = /verify failure|failure/i.test(stderr);
    } catch {
      refused = true;
    }
    expect(refused).toBe(true);
  });

  it('is of another key every time', () => {
    const first = createCertificateRequest(ID);
    expect(first.key.equals(createCertificateRequest(ID).key)).toBe(false);
  });
});
