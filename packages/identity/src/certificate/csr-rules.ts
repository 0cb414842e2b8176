import type { CertificateRequest } from './csr.ts';

/**
 * A request may ask for exactly the identity it is sent for: one DNS name, a common name that is the same or
 * absent, and nothing else. Returns what it asks for instead; undefined when it keeps to the rules.
 */
export function findForeignName(csr: CertificateRequest, identity: string): string | undefined {
  const [dnsName, ...moreDnsNames] = csr.dnsNames;
  if (dnsName === undefined) return 'no DNS name';
  if (dnsName !== identity) return dnsName;
  if (moreDnsNames.length > 0) return csr.dnsNames.join(', ');
  const commonName = csr.commonNames.find((name) => name !== '' && name !== identity);
  if (commonName !== undefined) return `common name ${commonName}`;
  const [other] = csr.otherNames;
  if (other !== undefined) return `${other.kind} name ${other.name}`;
  return csr.asksForCa ? 'a certificate authority' : undefined;
}
