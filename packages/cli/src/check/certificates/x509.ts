import { X509Certificate } from 'node:crypto';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, in its order. @throws where `what` holds none, or one cannot be read. */
export function certificatesIn(pem: string, what: string): X509Certificate[] {
  let certificates: X509Certificate[];
  try {
    certificates = (pem.match(CERTIFICATE) ?? []).map((one) => new X509Certificate(one));
  } catch (cause) {
    throw new Error(`${what}: a certificate cannot be read`, { cause });
  }
  if (certificates.length === 0) throw new Error(`${what}: there is no certificate`);
  return certificates;
}

/** The subject, on one line. */
export function subjectOf({ subject }: X509Certificate): string {
  return (subject ?? '').replaceAll('\n', ', ');
}

/** `ECDSA P-256`, `RSA 2048` or whatever else it is. */
export function keyAlgorithmOf({ publicKey }: X509Certificate): string {
  const { asymmetricKeyType = 'unknown', asymmetricKeyDetails = {} } = publicKey;
  const { namedCurve, modulusLength } = asymmetricKeyDetails;
  if (asymmetricKeyType === 'ec') return `ECDSA ${namedCurve === 'prime256v1' ? 'P-256' : namedCurve}`;
  return asymmetricKeyType === 'rsa' ? `RSA ${modulusLength}` : asymmetricKeyType;
}

const SIGNATURES: Readonly<Record<string, string>> = {
  'ecdsa-with-SHA256': 'ECDSA-SHA256',
  sha256WithRSAEncryption: 'RSA-SHA256',
};

/** `ECDSA-SHA256`, `RSA-SHA256` or OpenSSL's name of whatever else it is. */
export function signatureAlgorithmOf({ signatureAlgorithm = 'unknown' }: X509Certificate): string {
  return SIGNATURES[signatureAlgorithm] ?? signatureAlgorithm;
}

function hasIssued(issuer: X509Certificate, subject: X509Certificate): boolean {
  return issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}

/** Whether a chain, the certificate in question first, leads to one of the anchors. Dates are not looked at. */
export function leadsTo(chain: readonly X509Certificate[], anchors: readonly X509Certificate[]): boolean {
  const [first, ...between] = chain;
  let current: X509Certificate | undefined = first;
  const unused = new Set(between);
  while (current !== undefined) {
    const subject: X509Certificate = current;
    if (anchors.some((anchor) => anchor.raw.equals(subject.raw) || hasIssued(anchor, subject))) return true;
    current = [...unused].find((candidate) => hasIssued(candidate, subject));
    if (current !== undefined) unused.delete(current);
  }
  return false;
}
