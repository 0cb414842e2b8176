import { createPrivateKey, X509Certificate } from 'node:crypto';
import { splitPem } from '@weft/service/pem';
import { bytesOf, decode, isTagged, type Node, oidOf, partsOf } from '../asn1/der.ts';
import { oids } from '../asn1/oids.ts';
import { type Signer, signerOf } from '../certificate/signature-algorithm.ts';
import { oneLine, type Validity, verifyChain } from './chain.ts';
import { IssuerError } from './issuer-error.ts';

/** What the disk holds, as text. */
export interface IssuerBundle {
  /** PEM: the issuer first, then certificates towards the anchor. */
  readonly certChainPem: string;
  readonly keyPem: string;
  /** PEM bundle of the trust anchors. */
  readonly anchorsPem: string;
}

/** An issuer that may sign, with everything a signature needs. Immutable: a request uses one from begin to end. */
export interface Issuer {
  readonly certificate: X509Certificate;
  readonly signer: Signer;
  /** The subject, exactly as it stands in the certificate. */
  readonly subject: Node;
  /** SubjectKeyIdentifier, where the issuer has one. */
  readonly keyIdentifier: Buffer | undefined;
  /** DER, the issuer first: what goes out with every leaf. */
  readonly chain: readonly Buffer[];
  /** When the whole chain is valid, anchor included. */
  readonly validity: Validity;
  readonly anchorsPem: string;
}

/**
 * Checks a bundle: the issuer is a CA, the key is its own, the chain leads to the anchors and is valid now.
 * @throws IssuerError that says which of these does not hold.
 */
export function loadIssuer(bundle: IssuerBundle, now: number): Issuer {
  const [certificate, ...intermediates] = certificatesOf(bundle.certChainPem, 'issuer');
  const anchors = certificatesOf(bundle.anchorsPem, 'trust anchors');
  if (certificate === undefined) throw new IssuerError('malformed', 'the issuer file holds no certificate');
  if (anchors.length === 0) throw new IssuerError('malformed', 'the trust anchors hold no certificate');
  const name = oneLine(certificate.subject);
  if (!certificate.ca) throw new IssuerError('not_a_ca', `"${name}" is not a certificate authority`);

  const key = readKey(bundle.keyPem);
  if (!certificate.checkPrivateKey(key)) {
    throw new IssuerError('key_mismatch', `the private key is not that of "${name}"`);
  }
  const verified = verifyChain(certificate, intermediates, anchors);
  if (verified.kind === 'broken') throw new IssuerError('untrusted', verified.reason);
  const issuer: Issuer = {
    certificate,
    signer: signerFor(key),
    ...subjectOf(certificate),
    chain: [certificate, ...intermediates].map(({ raw }) => raw),
    validity: verified.validity,
    anchorsPem: bundle.anchorsPem,
  };
  checkValidNow(issuer, now);
  return issuer;
}

/** @throws IssuerError when the chain is not valid at `now`. */
export function checkValidNow({ certificate, validity }: Issuer, now: number): void {
  const name = oneLine(certificate.subject);
  if (now < validity.notBefore) {
    const from = new Date(validity.notBefore).toISOString();
    throw new IssuerError('not_valid_yet', `the chain of "${name}" is valid only from ${from}`);
  }
  if (now > validity.notAfter) {
    const until = new Date(validity.notAfter).toISOString();
    throw new IssuerError('expired', `the chain of "${name}" expired at ${until}`);
  }
}

function certificatesOf(pem: string, what: string): X509Certificate[] {
  try {
    return splitPem(pem).map((one) => new X509Certificate(one));
  } catch (cause) {
    throw new IssuerError('malformed', `a certificate of the ${what} cannot be read`, cause);
  }
}

function readKey(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    // No cause: what OpenSSL says about a key stays out of the log.
    throw new IssuerError(
      'malformed',
      'the private key cannot be read; PEM of PKCS#8, SEC1 or PKCS#1 is expected',
    );
  }
}

function signerFor(key: ReturnType<typeof createPrivateKey>): Signer {
  try {
    return signerOf(key);
  } catch (cause) {
    throw new IssuerError('unusable_key', 'the private key is of a kind proxies cannot verify', cause);
  }
}

function subjectOf({ raw }: X509Certificate): Pick<Issuer, 'subject' | 'keyIdentifier'> {
  const [body] = partsOf(decode(raw), 'certificate');
  const fields = partsOf(body, 'certificate');
  // The version is optional and tagged; the subject is the fifth field after it.
  const start = isTagged(fields[0]!, 0) ? 1 : 0;
  const extensions = fields.find((field) => isTagged(field, 3));
  const identifier =
    extensions === undefined
      ? undefined
      : partsOf(partsOf(extensions, 'extensions')[0], 'extensions')
          .map((extension) => partsOf(extension, 'extension'))
          .find(([id]) => oidOf(id, 'extension') === oids.subjectKeyIdentifier);
  return {
    subject: fields[start + 4]!,
    keyIdentifier:
      identifier === undefined
        ? undefined
        : bytesOf(decode(bytesOf(identifier.at(-1), 'key identifier')), 'key identifier'),
  };
}
