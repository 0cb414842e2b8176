import { type DynamicModule, type InjectionToken, Module } from '@nestjs/common';
import {
  GRPC_SERVER,
  type GrpcServer,
  LOGGER,
  type Logger,
  READINESS,
  REGISTRY,
  type Readiness,
  type Registry,
  SHUTDOWN,
  type Shutdown,
} from '@weft/service';
import type { DestinationConfig } from './config/settings.ts';
import { DestinationService } from './destination-service.ts';
import { ownIdentity } from './identity/own-identity.ts';
import { DestinationMetrics } from './metrics.ts';

/** The service's own identity; undefined where it serves in plain text. */
export const OWN_IDENTITY: InjectionToken = Symbol('OwnIdentity');

@Module({})
export class DestinationModule {
  static forRoot(config: DestinationConfig): DynamicModule {
    return {
      module: DestinationModule,
      providers: [
        {
          provide: DestinationMetrics,
          inject: [REGISTRY],
          useFactory: (registry: Registry) => new DestinationMetrics(registry),
        },
        {
          provide: OWN_IDENTITY,
          inject: [LOGGER, REGISTRY, READINESS],
          useFactory: (logger: Logger, registry: Registry, readiness: Readiness) =>
            ownIdentity(config, { logger, registry, readiness }),
        },
        {
          provide: DestinationService,
          inject: [LOGGER, DestinationMetrics, REGISTRY, GRPC_SERVER, READINESS, SHUTDOWN],
          useFactory: (
            logger: Logger,
            metrics: DestinationMetrics,
            registry: Registry,
            grpc: GrpcServer,
            readiness: Readiness,
            shutdown: Shutdown,
          ) => {
            const service = new DestinationService({
              config,
              logger,
              metrics,
              registry,
              grpc,
              readiness,
              env: process.env,
            });
            shutdown.register('close', 'resources', () => service.close());
            return service;
          },
        },
      ],
      exports: [DestinationService, OWN_IDENTITY],
    };
  }
}
