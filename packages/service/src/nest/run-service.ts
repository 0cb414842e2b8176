import 'reflect-metadata';
import {
  type DynamicModule,
  type INestApplicationContext,
  type InjectionToken,
  Module,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AdminServer } from '../admin/admin-server.ts';
import type { Readiness } from '../admin/readiness.ts';
import type { BaseConfig } from '../config/base-settings.ts';
import { ConfigError } from '../config/config-error.ts';
import { type Config, type ConfigSource, readConfig, type Settings } from '../config/settings.ts';
import type { Shutdown } from '../lifecycle/shutdown.ts';
import { trapSignals } from '../lifecycle/signals.ts';
import { logFormats } from '../log/formats.ts';
import { createLogger, type Logger } from '../log/logger.ts';
import { nestLogger } from '../log/nest-logger.ts';
import { ServiceModule } from './service.module.ts';
import { ADMIN_SERVER, READINESS, SHUTDOWN } from './tokens.ts';

/** Gets what a module provides. The type is the caller's word, as with every Nest token. */
export type Get = <T>(token: InjectionToken) => T;

export interface ServiceDefinition<S extends Settings> {
  /** Name in the first log line, such as `identity`. */
  readonly name: string;
  /** All settings, `baseSettings` among them. */
  readonly settings: S;
  readonly module: (config: Config<S>) => DynamicModule;
  /** Begins to serve, once everything is wired and the admin server answers. Readiness follows its gates. */
  readonly start: (get: Get, config: Config<S>) => Promise<void>;
}

/**
 * Runs a service until it is told to stop: configuration, wiring, admin server, `start`; SIGTERM and SIGINT
 * begin the shutdown. Resolves with the process's exit code: 0, 64 for a configuration that cannot be used,
 * 1 when it could not start.
 */
export async function runService<S extends Settings>(
  definition: ServiceDefinition<S>,
  source: ConfigSource,
): Promise<number> {
  let config: Config<S> & BaseConfig;
  try {
    const read = readConfig(definition.settings, source);
    if (read.kind === 'help') {
      process.stdout.write(`${read.text}\n`);
      return 0;
    }
    config = read.config as Config<S> & BaseConfig;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  const logger = createLogger(
    {
      level: config.logLevel,
      format: logFormats[config.logFormat],
      write: (line) => void process.stdout.write(line),
    },
    { service: definition.name },
  );
  try {
    await run(definition, config, logger);
    return 0;
  } catch (error) {
    logger.error('could not start', { error });
    return 1;
  }
}

async function run<S extends Settings>(
  definition: ServiceDefinition<S>,
  config: Config<S> & BaseConfig,
  logger: Logger,
): Promise<void> {
  const context = await wire(definition.module(config), config, logger);
  const get: Get = <T>(token: InjectionToken): T => context.get<T>(token);
  const readiness = get<Readiness>(READINESS);
  const shutdown = get<Shutdown>(SHUTDOWN);
  readiness.onChange((ready) =>
    logger.info(ready ? 'ready' : 'not ready', { waiting_for: readiness.waitingFor }),
  );
  shutdown.signal.addEventListener('abort', () => readiness.drain(), { once: true });
  const stopped = trapSignals(shutdown);
  process.on('uncaughtExceptionMonitor', (error) => logger.error('the process fails', { error }));
  const serving = readiness.gate('serving');
  try {
    const admin = await get<AdminServer>(ADMIN_SERVER).listen(config.adminAddr);
    logger.info('admin server is listening', { address: admin.address, port: admin.port });
    await Promise.race([definition.start(get, config), stopped.promise]);
    serving.open();
    await stopped.promise;
  } catch (error) {
    await shutdown.begin('start failed');
    throw error;
  } finally {
    stopped.release();
    await context.close();
  }
}

@Module({})
class RootModule {}

function wire(module: DynamicModule, config: BaseConfig, logger: Logger): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(
    { module: RootModule, imports: [ServiceModule.forRoot(config, logger), module] },
    { logger: nestLogger(logger), abortOnError: false },
  );
}
