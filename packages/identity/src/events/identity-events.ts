import type { ServiceAccount } from '../identity-name.ts';

/** What identity tells a cluster's operators beside its log. Telling never fails nor waits. */
export interface IdentityEvents {
  issued(account: ServiceAccount, message: string): void;
  issuerUpdated(message: string): void;
  /** A new issuer does not hold up; the old one stays. */
  issuerUpdateSkipped(message: string): void;
  /** The issuer in force does not hold up any more. */
  issuerInvalid(message: string): void;
}

/** Where there is no cluster to tell. */
export const noEvents: IdentityEvents = {
  issued: () => {},
  issuerUpdated: () => {},
  issuerUpdateSkipped: () => {},
  issuerInvalid: () => {},
};
