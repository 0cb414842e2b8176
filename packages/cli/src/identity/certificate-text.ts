import type { X509Certificate } from 'node:crypto';
import { keyAlgorithmOf, subjectOf } from '../check/certificates/x509.ts';

const USAGES: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'TLS Web Server Authentication',
  '1.3.6.1.5.5.7.3.2': 'TLS Web Client Authentication',
};

/** What a certificate says, laid out as OpenSSL does. */
export function certificateText(certificate: X509Certificate): string {
  const { serialNumber, signatureAlgorithm, issuer, validFrom, validTo, subjectAltName } = certificate;
  const serial = serialNumber.toLowerCase().match(/../g)?.join(':') ?? '';
  const usages = (certificate.keyUsage ?? []).map((oid) => USAGES[oid] ?? oid);
  return `${[
    'Certificate:',
    '    Data:',
    '        Version: 3 (0x2)',
    '        Serial Number:',
    `            ${serial}`,
    `        Signature Algorithm: ${signatureAlgorithm ?? 'unknown'}`,
    `        Issuer: ${issuer.replaceAll('\n', ', ')}`,
    '        Validity',
    `            Not Before: ${validFrom}`,
    `            Not After : ${validTo}`,
    `        Subject: ${subjectOf(certificate)}`,
    '        Subject Public Key Info:',
    `            Public Key Algorithm: ${keyAlgorithmOf(certificate)}`,
    '        X509v3 extensions:',
    ...(usages.length === 0
      ? []
      : ['            X509v3 Extended Key Usage:', `                ${usages.join(', ')}`]),
    '            X509v3 Basic Constraints:',
    `                CA:${certificate.ca ? 'TRUE' : 'FALSE'}`,
    ...(subjectAltName === undefined
      ? []
      : ['            X509v3 Subject Alternative Name:', `                ${subjectAltName}`]),
    `    SHA-256 Fingerprint: ${certificate.fingerprint256}`,
  ].join('\n')}\n`;
}
