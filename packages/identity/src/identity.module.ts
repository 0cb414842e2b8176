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
import { ClusterEvents } from './events/cluster-events.ts';
import { type IdentityEvents, noEvents } from './events/identity-events.ts';
import { identityOf } from './identity-name.ts';
import { type IssuerLocation, readIssuerFiles } from './issuer/issuer-files.ts';
import { IssuerMetrics } from './issuer/issuer-metrics.ts';
import { IssuerStore } from './issuer/issuer-store.ts';
import { type KubernetesAccess, openKubernetes } from './kubernetes-access.ts';
import type { IdentityConfig } from './settings.ts';
import { openSharedStores, type SharedStores } from './shared-stores.ts';
import { LocalTokenValidator } from './token/local-token-validator.ts';
import { TokenReviewValidator } from './token/token-review-validator.ts';
import type { TokenValidator } from './token/token-validator.ts';

export const ISSUER_STORE = Symbol('IssuerStore');
export const TOKEN_VALIDATOR = Symbol('TokenValidator');
export const CERTIFIER = Symbol('Certifier');
export const MESH_IDENTITY = Symbol('MeshIdentity');
/** The cluster's API server; undefined where tokens are validated by keys. */
export const KUBERNETES_ACCESS = Symbol('KubernetesAccess');
const IDENTITY_EVENTS = Symbol('IdentityEvents');
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
        inject: [LOGGER, REGISTRY, IDENTITY_EVENTS],
        useFactory: (logger: Logger, registry: Registry, events: IdentityEvents) =>
          new IssuerStore({
            read: () => readIssuerFiles(locationOf(config)),
            logger,
            metrics: new IssuerMetrics(registry),
            events,
          }),
      },
      {
        provide: KUBERNETES_ACCESS,
        inject: [LOGGER, REGISTRY],
        useFactory: (logger: Logger, registry: Registry) =>
          openKubernetes({ config, logger, registry, env: process.env }),
      },
      {
        provide: IDENTITY_EVENTS,
        inject: [KUBERNETES_ACCESS],
        useFactory: (kubernetes: KubernetesAccess | undefined) => eventsFor(config, kubernetes),
      },
      {
        provide: TOKEN_VALIDATOR,
        inject: [KUBERNETES_ACCESS],
        useFactory: (kubernetes: KubernetesAccess | undefined) => tokenValidator(config, kubernetes),
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
        inject: [ISSUER_STORE, TOKEN_VALIDATOR, SHARED_STORES, CERTIFY_METRICS, LOGGER, IDENTITY_EVENTS],
        useFactory: (
          issuers: IssuerStore,
          tokens: TokenValidator,
          stores: SharedStores,
          metrics: CertifyMetrics,
          logger: Logger,
          events: IdentityEvents,
        ) =>
          new Certifier({
            issuer: () => issuers.current,
            domain: config,
            validity: { lifetimeMs: config.issuanceLifetime, clockSkewMs: config.clockSkewAllowance },
            tokens,
            ...stores,
            metrics,
            logger,
            events,
          }),
      },
      {
        provide: MESH_IDENTITY,
        inject: [CERTIFIER, LOGGER, REGISTRY],
        useFactory: (certifier: Certifier, logger: Logger, registry: Registry) =>
          ownIdentity(config, certifier, logger, registry),
      },
    ];
    return {
      module: IdentityModule,
      providers,
      exports: [ISSUER_STORE, CERTIFIER, MESH_IDENTITY, KUBERNETES_ACCESS],
    };
  }
}

function tokenValidator(config: IdentityConfig, kubernetes: KubernetesAccess | undefined): TokenValidator {
  if (kubernetes !== undefined) return new TokenReviewValidator(kubernetes.api);
  return new LocalTokenValidator({
    publicKeysPem: readFileSync(config.tokenPublicKeys, 'utf8'),
    clockSkewMs: config.clockSkewAllowance,
  });
}

function eventsFor(config: IdentityConfig, kubernetes: KubernetesAccess | undefined): IdentityEvents {
  if (kubernetes === undefined) return noEvents;
  const deployment = { namespace: config.controllerNamespace, name: config.serviceAccount };
  return new ClusterEvents(kubernetes.events, deployment);
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
