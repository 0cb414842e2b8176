import { type KeyObject, sign, verify } from 'node:crypto';
import { type Node, nothing, oid, sequence } from '../asn1/der.ts';

interface SignatureAlgorithm {
  readonly oid: string;
  readonly keyType: 'ec' | 'rsa' | 'ed25519';
  /** Null where the algorithm hashes by itself. */
  readonly hash: string | null;
}

const algorithms: readonly SignatureAlgorithm[] = [
  { oid: '1.2.840.10045.4.3.2', keyType: 'ec', hash: 'sha256' },
  { oid: '1.2.840.10045.4.3.3', keyType: 'ec', hash: 'sha384' },
  { oid: '1.2.840.10045.4.3.4', keyType: 'ec', hash: 'sha512' },
  // PKCS #1 v1.5 only: proxies verify no RSA-PSS.
  { oid: '1.2.840.113549.1.1.11', keyType: 'rsa', hash: 'sha256' },
  { oid: '1.2.840.113549.1.1.12', keyType: 'rsa', hash: 'sha384' },
  { oid: '1.2.840.113549.1.1.13', keyType: 'rsa', hash: 'sha512' },
  { oid: '1.3.101.112', keyType: 'ed25519', hash: null },
];

const hashOfCurve: Record<string, string> = {
  prime256v1: 'sha256',
  secp384r1: 'sha384',
  secp521r1: 'sha512',
};

/** How certificates are signed with one private key. */
export interface Signer {
  /** The AlgorithmIdentifier that goes into the certificate, twice. */
  readonly identifier: Node;
  sign(bytes: Uint8Array): Buffer;
}

/** @throws Error when proxies could not verify what the key signs. */
export function signerOf(key: KeyObject): Signer {
  const algorithm = algorithmFor(key);
  if (algorithm === undefined) {
    const curve = key.asymmetricKeyDetails?.namedCurve;
    throw new Error(
      `a key of type ${key.asymmetricKeyType}${curve === undefined ? '' : ` ${curve}`} cannot sign`,
    );
  }
  return {
    identifier: identifierOf(algorithm),
    sign: (bytes) => sign(algorithm.hash, bytes, key),
  };
}

/** Whether `signature` by the algorithm `dotted` fits `bytes`. An unknown algorithm fits nothing. */
export function verifies(dotted: string, key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  const algorithm = algorithms.find(({ oid: known }) => known === dotted);
  if (algorithm === undefined || algorithm.keyType !== key.asymmetricKeyType) return false;
  return verify(algorithm.hash, bytes, key, signature);
}

function algorithmFor(key: KeyObject): SignatureAlgorithm | undefined {
  const hash =
    key.asymmetricKeyType === 'ec' ? hashOfCurve[key.asymmetricKeyDetails?.namedCurve ?? ''] : null;
  return algorithms.find(
    ({ keyType, hash: own }) => keyType === key.asymmetricKeyType && (keyType !== 'ec' || own === hash),
  );
}

function identifierOf(algorithm: SignatureAlgorithm): Node {
  const id = oid(algorithm.oid);
  // RFC 4055: RSA has a NULL for its parameters, the others have none.
  return algorithm.keyType === 'rsa' ? sequence(id, nothing()) : sequence(id);
}
