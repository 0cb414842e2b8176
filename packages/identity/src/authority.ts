/** Making and judging certificate authorities, for programs that need nothing else of the service. */
export {
  type AuthorityOptions,
  type AuthorityPem,
  createIssuer,
  createTrustAnchor,
} from './certificate/authority.ts';
export { type Issuer, type IssuerBundle, loadIssuer } from './issuer/issuer.ts';
export { IssuerError, type IssuerErrorCode } from './issuer/issuer-error.ts';
