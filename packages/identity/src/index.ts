export {
  type AuthorityOptions,
  type AuthorityPem,
  createIssuer,
  createTrustAnchor,
  type Issuer,
  type IssuerBundle,
  IssuerError,
  type IssuerErrorCode,
  loadIssuer,
} from './authority.ts';
export { type CertificateRequest, CsrError, parseCsr } from './certificate/csr.ts';
export { Certifier, type CertifierOptions, type CertifyInput, type Issued } from './certify/certifier.ts';
export { Refusal, type RefusalReason } from './certify/refusal.ts';
export { IdentityModule } from './identity.module.ts';
export { type IdentityDomain, identityOf, parseUsername, type ServiceAccount } from './identity-name.ts';
export { identityService } from './identity-service.ts';
export type { IssuerScheme } from './issuer/issuer-files.ts';
export type { Ledger, LedgerEntry } from './ledger/ledger.ts';
export { type IdentityConfig, identitySettings } from './settings.ts';
export {
  createTokenKeys,
  LocalTokenIssuer,
  type TokenKeys,
  type TokenOptions,
} from './token/local-token-issuer.ts';
export { identityAudience, type TokenValidator, type TokenVerdict } from './token/token-validator.ts';
