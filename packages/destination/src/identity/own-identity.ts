import { readFile } from 'node:fs/promises';
import {
  type Certify,
  ConfigError,
  CredentialsStore,
  GrpcClient,
  type Logger,
  MeshIdentity,
  MeshIdentityMetrics,
  type Readiness,
  type Registry,
} from '@weft/service';
import type { DestinationConfig } from '../config/settings.ts';
import { certifyOver } from './certify.ts';

/** Names of service accounts in the control plane's namespace. */
const accounts = { own: 'linkerd-destination', identity: 'linkerd-identity' } as const;

/**
 * The identity this service proves to proxies, certified by the identity service; undefined when the
 * configuration names none and the APIs are served in plain text.
 * @throws ConfigError when the configuration is incomplete.
 */
export async function ownIdentity(
  config: DestinationConfig,
  {
    logger,
    registry,
    readiness,
  }: {
    readonly logger: Logger;
    readonly registry: Registry;
    readonly readiness: Readiness;
  },
): Promise<MeshIdentity | undefined> {
  const { identityAddr, identityTokenFile, identityTrustAnchorsFile } = config;
  if (identityAddr === '') return undefined;
  const missing = [
    ['-identity-token-file', identityTokenFile] as const,
    ['-identity-trust-anchors-file', identityTrustAnchorsFile] as const,
  ].filter(([, value]) => value === '');
  if (missing.length > 0)
    throw new ConfigError(
      missing.map(([key]) => ({ key, value: undefined, problem: 'is required with -identity-addr' })),
    );

  const nameOf = (account: string) =>
    `${account}.${config.controllerNamespace}.serviceaccount.identity.${config.controllerNamespace}.${config.identityTrustDomain}`;
  const identity = nameOf(accounts.own);
  const anchorsPem = await readFile(identityTrustAnchorsFile, 'utf8');
  // The identity service answers clients that have no certificate yet: the anchors are all there is to show.
  const tls = { serverName: nameOf(accounts.identity), credentials: new CredentialsStore({ anchorsPem }) };
  const connect = () => new GrpcClient({ target: identityAddr, tls });
  const certify: Certify = certifyOver(connect, identity, identityTokenFile);
  const metrics = new MeshIdentityMetrics(registry);
  const own = new MeshIdentity({ identity, anchorsPem, certify, logger, metrics });
  const gate = readiness.gate('certificate');
  own.credentials.subscribe(({ leaf }) => leaf !== undefined && gate.open());
  return own;
}
