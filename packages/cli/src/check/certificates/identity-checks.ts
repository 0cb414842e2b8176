import { type Category, type Check, noneOf } from '../engine/check.ts';
import { identityMaterial, readAnchors } from './identity-material.ts';
import { validForLong, validNow } from './validity.ts';
import { keyAlgorithmOf, leadsTo, signatureAlgorithmOf, subjectOf } from './x509.ts';

const ANCHOR_KEYS = ['ECDSA P-256', 'RSA 2048', 'RSA 4096'];
const ISSUER_KEYS = ['ECDSA P-256'];
const ISSUER_SIGNATURES = ['ECDSA-SHA256', 'RSA-SHA256'];

function unlike(kind: string, actual: string, allowed: readonly string[], subject: string): string[] {
  return allowed.includes(actual)
    ? []
    : [`"${subject}": ${kind} is ${actual}; it must be ${allowed.join(' or ')}`];
}

const configIsValid: Check = {
  description: 'certificate config is valid',
  anchor: 'l5d-identity-cert-config-valid',
  severity: 'fatal',
  run: async (context) => {
    await identityMaterial(context);
    return { kind: 'passed' };
  },
};

const anchorAlgorithms: Check = {
  description: 'trust anchors are using supported crypto algorithm',
  anchor: 'l5d-identity-trustAnchors-use-supported-crypto',
  severity: 'fatal',
  run: async (context) =>
    noneOf(
      (await readAnchors(context)).flatMap((anchor) =>
        unlike('key', keyAlgorithmOf(anchor), ANCHOR_KEYS, subjectOf(anchor)),
      ),
    ),
};

const anchorsValid: Check = {
  description: 'trust anchors are within their validity period',
  anchor: 'l5d-identity-trustAnchors-are-time-valid',
  severity: 'fatal',
  run: async (context) => validNow(await readAnchors(context), context),
};

const anchorsValidForLong: Check = {
  description: 'trust anchors are valid for at least 60 days',
  anchor: 'l5d-identity-trustAnchors-not-expiring-soon',
  severity: 'warning',
  remedy: 'make a new anchor and let proxies trust both before the issuer changes over',
  run: async (context) => validForLong(await readAnchors(context), context),
};

const issuerAlgorithms: Check = {
  description: 'issuer cert is using supported crypto algorithm',
  anchor: 'l5d-identity-issuer-cert-uses-supported-crypto',
  severity: 'fatal',
  run: async (context) => {
    const [issuer] = (await identityMaterial(context)).issuerChain;
    const subject = subjectOf(issuer!);
    return noneOf([
      ...unlike('key', keyAlgorithmOf(issuer!), ISSUER_KEYS, subject),
      ...unlike('signature', signatureAlgorithmOf(issuer!), ISSUER_SIGNATURES, subject),
    ]);
  },
};

const issuerValid: Check = {
  description: 'issuer cert is within its validity period',
  anchor: 'l5d-identity-issuer-cert-is-time-valid',
  severity: 'fatal',
  remedy: 'sign a new issuer with the trust anchor and put it in place with weft upgrade',
  run: async (context) => validNow((await identityMaterial(context)).issuerChain, context),
};

const issuerValidForLong: Check = {
  description: 'issuer cert is valid for at least 60 days',
  anchor: 'l5d-identity-issuer-cert-not-expiring-soon',
  severity: 'warning',
  run: async (context) => validForLong((await identityMaterial(context)).issuerChain, context),
};

const issuedByAnchor: Check = {
  description: 'issuer cert is issued by the trust anchor',
  anchor: 'l5d-identity-issuer-cert-issued-by-trust-anchor',
  severity: 'error',
  run: async (context) => {
    const { issuerChain, anchors } = await identityMaterial(context);
    if (leadsTo(issuerChain, anchors)) return { kind: 'passed' };
    return noneOf([
      `"${subjectOf(issuerChain[0]!)}" was issued by none of the trust anchors (${anchors.map(subjectOf).join('; ')})`,
    ]);
  },
};

export const identity: Category = {
  name: 'linkerd-identity',
  checks: [
    configIsValid,
    anchorAlgorithms,
    anchorsValid,
    anchorsValidForLong,
    issuerAlgorithms,
    issuerValid,
    issuerValidForLong,
    issuedByAnchor,
  ],
};
