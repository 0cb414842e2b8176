import { createAdmin } from './app/admin.ts';
import { announce } from './app/announce.ts';
import { ControlPlane } from './app/control.ts';
import { createIdentity, readCredentials } from './app/identity.ts';
import { createInbound } from './app/inbound.ts';
import { surviveMistakes } from './app/last-resort.ts';
import { bindListeners } from './app/listeners.ts';
import { createLogs } from './app/logging.ts';
import { keepMemorySmall } from './app/memory.ts';
import { createOutbound } from './app/outbound.ts';
import { createRuntime, version } from './app/runtime.ts';
import { drainAll, shutdownRequests } from './app/shutdown.ts';
import { createTap } from './app/tap.ts';
import { createTracing } from './app/tracing.ts';
import { ConfigError } from './config/config-error.ts';
import { readConfig } from './config/read-config.ts';
import { awaitIdentity } from './identity/await-identity.ts';
import { systemClock } from './identity/clock.ts';
import { errorText } from './log/format.ts';

/** EX_USAGE: the environment cannot be understood. */
const badConfiguration = 64;
const cannotStart = 1;

async function run(): Promise<void> {
  // First of all: a signal that comes while the proxy starts ends it in order, too.
  const shutdown = shutdownRequests();
  const config = readConfig(process.env);
  const logs = createLogs(config.log);
  const log = logs.logger('linkerd_proxy');
  announce(config, log, version.version);

  const runtime = createRuntime(config.metrics.retainIdleMs, logs);
  surviveMistakes(log, runtime.registry);
  const credentials = readCredentials(config);
  const listeners = await bindListeners(config, log);
  const control = new ControlPlane(config, runtime, credentials);
  const tracing = createTracing(config, runtime, control);
  const identity = createIdentity(config, runtime, credentials, control);

  let ready = false;
  const admin = createAdmin(config, runtime, credentials, control.policies, {
    isReady: () => ready,
    shutdown: () => shutdown.request('admin'),
  });
  listeners.admin.accept((connection) => void admin.acceptHttp(connection, connection.local));
  const tap = createTap(config, runtime, credentials);
  listeners.tap?.accept((connection) => void tap?.accept(connection));

  const stopped = new AbortController();
  const certifying = identity.run(stopped.signal);
  const identityLog = logs.logger('linkerd_proxy_identity');
  awaitIdentity(identity.ready, { clock: systemClock, log: identityLog }, stopped.signal).then(() => {
    if (stopped.signal.aborted) return;
    const { discovery, policies, profiles, resolver } = control;
    const outbound = createOutbound(
      config,
      runtime,
      credentials,
      discovery,
      resolver.resolve,
      tracing?.outbound ?? null,
    );
    const inbound = createInbound(
      config,
      runtime,
      credentials,
      policies,
      profiles,
      outbound.gateway,
      tracing?.inbound ?? null,
    );
    listeners.inbound.acceptRedirected((connection, target) => void inbound.accept(connection, target));
    for (const listener of listeners.outbound) {
      listener.acceptRedirected((connection, target) => void outbound.server.accept(connection, target));
    }
    ready = true;
  });

  keepMemorySmall(runtime);
  log.info('Shutting down', { reason: await shutdown.requested });
  await drainAll(listeners, runtime, config.shutdown.gracePeriodMs, log);
  await tracing?.close();
  stopped.abort();
  await certifying;
  control.close();
}

run().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${errorText(error)}\n`);
    process.exit(error instanceof ConfigError ? badConfiguration : cannotStart);
  },
);
