/** Names that Linkerd gives to its control plane, and their ports. */
export const controlPlane = {
  namespace: 'linkerd',
  clusterDomain: 'cluster.local',
  trustDomain: 'cluster.local',
  user: 2103,
  identity: { account: 'linkerd-identity', grpc: 8080, admin: 9990 },
  destination: { account: 'linkerd-destination', grpc: 8086, policy: 8090, admin: 9996 },
} as const;

export const TRUST_ROOTS = { configMap: 'linkerd-identity-trust-roots', key: 'ca-bundle.crt' } as const;
export const ISSUER_SECRET = 'linkerd-identity-issuer';
/** The public keys of this machine's token issuer; on a cluster the API server validates tokens. */
export const TOKEN_KEYS = { configMap: 'linkerd-local-token-keys', key: 'keys.pem' } as const;
