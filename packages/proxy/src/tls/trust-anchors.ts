import { X509Certificate } from 'node:crypto';

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The trust anchors cannot be used. */
export class TrustAnchorsError extends Error {
  readonly code = 'trust-anchors-invalid';

  constructor(reason: string, cause?: unknown) {
    super(`trust anchors: ${reason}`, cause === undefined ? {} : { cause });
    this.name = 'TrustAnchorsError';
  }
}

/** Reads a PEM bundle of one certificate or more. Throws `TrustAnchorsError`. */
export function parseTrustAnchors(pem: string): X509Certificate[] {
  const blocks = pem.match(PEM_CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new TrustAnchorsError('the text holds no PEM certificate');
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new TrustAnchorsError(`certificate ${index + 1} of ${blocks.length} cannot be read`, error);
    }
  });
}
