import { createIssuer, createTrustAnchor, IssuerError, loadIssuer } from '@weft/identity/authority';
import { type DeepPartial, mergeValues } from '@weft/injector';
import { type JsonObject, memberAt, textAt } from '../manifest/json.ts';
import { InstallError } from './install-error.ts';

const YEAR_MS = 365 * 86_400_000;

/** Values with everything that certificates are made from. */
export interface IdentityValues {
  readonly values: JsonObject;
  /** Where they were made here: the anchor, whose key nobody else will ever have. */
  readonly madeAnchor: { readonly certificatePem: string; readonly keyPem: string } | undefined;
}

const NAMES = {
  identityTrustAnchorsPEM: ['identityTrustAnchorsPEM'],
  'identity.issuer.tls.crtPEM': ['identity', 'issuer', 'tls', 'crtPEM'],
  'identity.issuer.tls.keyPEM': ['identity', 'issuer', 'tls', 'keyPEM'],
} as const;

/**
 * Completes the values: where neither anchors nor issuer are given, a trust anchor for ten years and an issuer
 * for one are made. What is given must fit together, and be valid at `now` (ms since the epoch).
 * @throws InstallError naming the value that is missing or wrong.
 */
export function completeIdentity(values: JsonObject, namespace: string, now: number): IdentityValues {
  const isExternal = textAt(values, 'identity', 'issuer', 'scheme') === 'kubernetes.io/tls';
  const isExternalCa = memberAt(values, 'identity', 'externalCA') === true;
  const given = Object.entries(NAMES).map(([name, path]) => ({ name, pem: memberAt(values, ...path) ?? '' }));
  const notText = given.find(({ pem }) => typeof pem !== 'string');
  if (notText !== undefined) {
    throw new InstallError(
      'identity_unusable',
      `${notText.name} must be PEM text; --set-file reads it from a file`,
    );
  }
  // The Secret is somebody else's; what it holds is checked when it is used.
  if (isExternal) return { values, madeAnchor: undefined };
  const needed = isExternalCa ? given.slice(1) : given;
  const missing = needed.filter(({ pem }) => pem === '').map(({ name }) => name);
  if (missing.length === given.length) return makeIdentity(values, namespace, now);
  if (missing.length > 0) {
    throw new InstallError(
      'identity_incomplete',
      `trust anchors, issuer and its key are given together or not at all; missing: ${missing.join(', ')}`,
    );
  }
  if (!isExternalCa) checkIssuer(values, now);
  return { values, madeAnchor: undefined };
}

function makeIdentity(values: JsonObject, namespace: string, now: number): IdentityValues {
  const domain = textAt(values, 'identityTrustDomain') || textAt(values, 'clusterDomain') || 'cluster.local';
  const anchor = createTrustAnchor({ name: `root.${namespace}.${domain}`, lifetimeMs: 10 * YEAR_MS, now });
  const issuer = createIssuer(anchor, { name: `identity.${namespace}.${domain}`, lifetimeMs: YEAR_MS, now });
  const made = {
    identityTrustAnchorsPEM: anchor.certChainPem,
    identity: { issuer: { tls: { crtPEM: issuer.certChainPem, keyPEM: issuer.keyPem } } },
  };
  return {
    values: mergeValues(values, made as DeepPartial<JsonObject>),
    madeAnchor: { certificatePem: anchor.certChainPem, keyPem: anchor.keyPem },
  };
}

/** @throws InstallError where the issuer in the values does not fit its key or the anchors, or is not valid now. */
function checkIssuer(values: JsonObject, now: number): void {
  const [anchorsPem, certChainPem, keyPem] = Object.values(NAMES).map((path) => textAt(values, ...path));
  try {
    loadIssuer({ anchorsPem: anchorsPem!, certChainPem: certChainPem!, keyPem: keyPem! }, now);
  } catch (cause) {
    if (cause instanceof IssuerError) {
      throw new InstallError('identity_unusable', `the given issuer cannot be used: ${cause.message}`, cause);
    }
    throw cause;
  }
}
