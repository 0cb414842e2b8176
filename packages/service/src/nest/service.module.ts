import { type DynamicModule, Module } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { AdminServer } from '../admin/admin-server.ts';
import { Readiness } from '../admin/readiness.ts';
import type { BaseConfig } from '../config/base-settings.ts';
import { GrpcServer } from '../grpc/server.ts';
import { Shutdown } from '../lifecycle/shutdown.ts';
import type { Logger } from '../log/logger.ts';
import { createRegistry } from '../metrics/registry.ts';
import { ADMIN_SERVER, GRPC_SERVER, LOGGER, READINESS, REGISTRY, SHUTDOWN } from './tokens.ts';

/** What every service needs once, for all of its modules. */
@Module({})
export class ServiceModule {
  static forRoot(config: BaseConfig, logger: Logger): DynamicModule {
    const providers = [
      { provide: LOGGER, useValue: logger },
      { provide: REGISTRY, useFactory: createRegistry },
      { provide: READINESS, useFactory: () => new Readiness() },
      {
        provide: SHUTDOWN,
        useFactory: () => new Shutdown({ logger, graceMs: config.shutdownGracePeriod }),
      },
      {
        provide: ADMIN_SERVER,
        inject: [REGISTRY, READINESS, SHUTDOWN],
        useFactory: (registry: Registry, readiness: Readiness, shutdown: Shutdown) => {
          const admin = new AdminServer({ registry, readiness, logger });
          shutdown.register('close', 'admin', () => admin.close());
          return admin;
        },
      },
      {
        provide: GRPC_SERVER,
        inject: [REGISTRY, SHUTDOWN],
        useFactory: (registry: Registry, shutdown: Shutdown) => {
          const grpc = new GrpcServer({ registry, logger });
          shutdown.register('drain', 'grpc', (signal) => grpc.drain(signal));
          return grpc;
        },
      },
    ];
    return {
      module: ServiceModule,
      global: true,
      providers,
      exports: providers.map(({ provide }) => provide),
    };
  }
}
