import { readFileSync } from 'node:fs';
import { type DynamicModule, Module } from '@nestjs/common';
import {
  LOGGER,
  type Logger,
  MeshIdentity,
  MeshIdentityMetrics,
  REGISTRY,
  type Registry,
  SHUTDOWN,
  type Shutdown,
} from '@weft/service';
import { Certifier } from './certify/certifier.ts';
import { CertifyMetrics } from './certify/certify-metrics.ts';
import { identityOf } from './identity-name.ts';
import { type IssuerLocation, readIssuerFiles } from './issuer/issuer-files.ts';
import { IssuerMetrics } from './issuer/issuer-metrics.ts';
import { IssuerStore } from './issuer/issuer-store.ts';
import type { IdentityConfig } from './settings.ts';
import { openSharedStores, type SharedStores } from './shared-stores.ts';
import { LocalTokenValidator } from './token/local-token-validator.ts';
import type { TokenValidator } from './token/token-validator.ts';

export const ISSUER_STORE = Symbol('IssuerStore');
export const TOKEN_VALIDATOR = Symbol('TokenValidator');
export const CERTIFIER = Symbol('Certifier');
export const MESH_IDENTITY = Symbol('MeshIdentity');
const CERTIFY_METRICS = Symbol('CertifyMetrics');
const SHARED_STORES = Symbol('SharedStores');

/** Wires identity. */
@Module({})
export class IdentityModule {
  static forRoot(config: IdentityConfig): DynamicModule {
    const providers = [
      {
        provide: CERTIFY_METRICS,
        inject: [REGISTRY],
        useFactory: (registry: Registry) => new CertifyMetrics(registry),
      },
      {
        provide: ISSUER_STORE,
        inject: [LOGGER, REGISTRY],
        useFactory: (logger: Logger, registry: Registry) =>
          new IssuerStore({
            read: () => readIssuerFiles(locationOf(config)),
            logger,
            metrics: new IssuerMetrics(registry),
          }),
      },
      {
        provide: TOKEN_VALIDATOR,
        useFactory: (): TokenValidator =>
          new LocalTokenValidator({
            publicKeysPem: readFileSync(config.tokenPublicKeys, 'utf8'),
            clockSkewMs: config.clockSkewAllowance,
          }),
      },
      {
        provide: SHARED_STORES,
        inject: [LOGGER, REGISTRY, SHUTDOWN, CERTIFY_METRICS],
        useFactory: (logger: Logger, registry: Registry, shutdown: Shutdown, metrics: CertifyMetrics) =>
          openSharedStores({
            redisUrl: config.redisUrl,
            rate: { perSecond: config.issuanceRate, burst: config.issuanceBurst },
            logger,
            registry,
            shutdown,
            metrics,
          }),
      },
      {
        provide: CERTIFIER,
        inject: [ISSUER_STORE, TOKEN_VALIDATOR, SHARED_STORES, CERTIFY_METRICS, LOGGER],
        useFactory: (
          issuers: IssuerStore,
          tokens: TokenValidator,
          stores: SharedStores,
          metrics: CertifyMetrics,
          logger: Logger,
        ) =>
          new Certifier({
            issuer: () => issuers.current,
            domain: config,
            validity: { lifetimeMs: config.issuanceLifetime, clockSkewMs: config.clockSkewAllowance },
            tokens,
            ...stores,
            metrics,
            logger,
          }),
      },
      {
        provide: MESH_IDENTITY,
        inject: [CERTIFIER, LOGGER, REGISTRY],
        useFactory: (certifier: Certifier, logger: Logger, registry: Registry) =>
          ownIdentity(config, certifier, logger, registry),
      },
    ];
    return { module: IdentityModule, providers, exports: [ISSUER_STORE, CERTIFIER, MESH_IDENTITY] };
  }
}

function locationOf(config: IdentityConfig): IssuerLocation {
  return {
    directory: config.issuerDirectory,
    scheme: config.issuerScheme,
    anchorsFile: config.trustAnchors,
  };
}

/** The certificate this service serves with, which it issues itself. The anchors follow with the first issuer. */
function ownIdentity(
  config: IdentityConfig,
  certifier: Certifier,
  logger: Logger,
  registry: Registry,
): MeshIdentity {
  const account = { namespace: config.controllerNamespace, name: config.serviceAccount };
  const identity = identityOf(account, config);
  return new MeshIdentity({
    identity,
    certify: async (csr) => {
      const { leaf, chain } = await certifier.certifySelf(identity, csr);
      return { leaf: leaf.der, intermediates: chain, validUntil: leaf.notAfter };
    },
    logger,
    metrics: new MeshIdentityMetrics(registry),
  });
}
