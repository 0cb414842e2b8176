import type { Authentication, Authorization, Client, ClientTls } from './authorization.ts';

/** The first authorization that admits the client, or null: denied. */
export function authorize(authorizations: readonly Authorization[], client: Client): Authorization | null {
  for (let i = 0; i < authorizations.length; i += 1) {
    const authorization = authorizations[i]!;
    if (admits(authorization.authentication, client.tls) && authorization.networks.contains(client.ip)) {
      return authorization;
    }
  }
  return null;
}

function admits(authentication: Authentication, tls: ClientTls): boolean {
  switch (authentication.kind) {
    case 'unauthenticated':
      return true;
    case 'tls-unauthenticated':
      return tls.kind === 'mutual';
    case 'tls-authenticated': {
      if (tls.kind !== 'mutual' || tls.id === null) return false;
      if (authentication.identities.has(tls.id)) return true;
      return tls.idKind === 'dns' && hasSuffix(authentication.suffixes, tls.id);
    }
  }
}

function hasSuffix(suffixes: readonly string[], id: string): boolean {
  for (let i = 0; i < suffixes.length; i += 1) if (id.endsWith(suffixes[i]!)) return true;
  return false;
}
