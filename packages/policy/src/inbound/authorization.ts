import type { Meta } from '../meta.ts';
import type { NetworkSet } from '../net/network-set.ts';

/** What the proxy knows of the peer of an inbound connection. */
export interface Client {
  readonly ip: string;
  readonly tls: ClientTls;
}

export type ClientTls =
  /** `reason` is the value of the `no_tls_reason` label. */
  | { readonly kind: 'none'; readonly reason: string }
  /** TLS that is not for this proxy to terminate. */
  | { readonly kind: 'opaque'; readonly sni: string }
  /** Mesh TLS terminated here; `id` is null when the client showed no certificate. */
  | { readonly kind: 'mutual'; readonly id: string | null; readonly idKind: 'dns' | 'uri' | null };

export interface Authorization {
  readonly meta: Meta;
  /** Allows what a policy would deny: uses are logged. */
  readonly audit: boolean;
  readonly networks: NetworkSet;
  readonly authentication: Authentication;
}

export type Authentication =
  | { readonly kind: 'unauthenticated' }
  /** Mesh TLS, with or without a client certificate. */
  | { readonly kind: 'tls-unauthenticated' }
  /** Suffixes begin with a dot and are for DNS identities only; '' admits any DNS identity. */
  | {
      readonly kind: 'tls-authenticated';
      readonly identities: ReadonlySet<string>;
      readonly suffixes: readonly string[];
    };
