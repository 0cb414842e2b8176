import { X509Certificate } from 'node:crypto';

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** PEM text with at least one certificate, all of which can be read. */
export function parseCertificates(text: string): string {
  const blocks = text.match(block);
  if (blocks === null) throw new Error('no PEM certificate in it');
  for (const [index, pem] of blocks.entries()) {
    try {
      new X509Certificate(pem);
    } catch {
      throw new Error(`certificate ${index + 1} of ${blocks.length} cannot be read`);
    }
  }
  return text;
}
