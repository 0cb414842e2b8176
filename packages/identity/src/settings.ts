import { baseSettings, type Config, setting, values } from '@weft/service';
import { z } from 'zod';
import { issuerSchemes } from './issuer/issuer-files.ts';

/** Flags of identity; those that a stock identity has carry its names. */
export const identitySettings = {
  ...baseSettings,
  addr: setting({ flag: 'addr', value: values.listenAddress, default: ':8080', help: 'address of gRPC' }),
  meshTls: setting({
    flag: 'mesh-tls',
    value: values.boolean,
    isSwitch: true,
    default: 'true',
    help: 'serve with mesh TLS; plain text otherwise, for loopback',
  }),
  controllerNamespace: setting({
    flag: 'controller-namespace',
    value: values.nonEmptyText,
    default: 'linkerd',
    help: 'namespace of the control plane',
  }),
  trustDomain: setting({
    flag: 'identity-trust-domain',
    value: values.nonEmptyText,
    default: 'cluster.local',
    help: 'name that every identity ends with',
  }),
  serviceAccount: setting({
    flag: 'service-account',
    value: values.nonEmptyText,
    default: 'linkerd-identity',
    help: 'service account of this service, whose identity it serves with',
  }),
  issuanceLifetime: setting({
    flag: 'identity-issuance-lifetime',
    value: values.duration,
    default: '24h',
    help: 'lifetime of issued certificates',
  }),
  clockSkewAllowance: setting({
    flag: 'identity-clock-skew-allowance',
    value: values.duration,
    default: '10s',
    help: 'how far the clocks of peers may be off',
  }),
  issuerScheme: setting({
    flag: 'identity-scheme',
    value: z.enum(issuerSchemes, { error: `expected ${issuerSchemes.join(' or ')}` }),
    default: 'linkerd.io/tls',
    help: 'names of the issuer files: linkerd.io/tls (crt.pem, key.pem) or kubernetes.io/tls (tls.crt, tls.key)',
  }),
  issuerDirectory: setting({
    flag: 'issuer-dir',
    value: values.nonEmptyText,
    default: '/var/run/linkerd/identity/issuer',
    help: "directory of the issuer's certificate and key",
  }),
  trustAnchors: setting({
    flag: 'trust-anchors',
    value: values.nonEmptyText,
    default: '/var/run/linkerd/identity/trust-roots/ca-bundle.crt',
    help: 'file of the trust anchors, PEM',
  }),
  reloadInterval: setting({
    flag: 'issuer-reload-interval',
    value: values.duration,
    default: '30s',
    help: 'how often issuer and trust anchors are read although no change was seen',
  }),
  tokenPublicKeys: setting({
    flag: 'token-public-keys',
    value: values.text,
    default: '',
    help: 'file of the public keys, PEM, that tokens are signed with; empty: the API server is asked (TokenReview)',
  }),
  kubeconfig: setting({
    flag: 'kubeconfig',
    value: values.text,
    default: '',
    help: 'path of a kubeconfig; without it, the cluster this runs in',
  }),
  issuanceRate: setting({
    flag: 'issuance-rate',
    value: values.integer(1, 1_000_000),
    default: '200',
    help: 'certificates a second for one identity in the long run',
  }),
  issuanceBurst: setting({
    flag: 'issuance-burst',
    value: values.integer(1, 1_000_000),
    default: '100000',
    help: 'certificates for one identity at once',
  }),
  redisUrl: setting({
    flag: 'redis-url',
    value: values.text,
    default: '',
    help: 'Redis that replicas share ledger and limits through, as redis://host:port; none when empty',
  }),
};

export type IdentityConfig = Config<typeof identitySettings>;
