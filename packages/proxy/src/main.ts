import { parentPort, workerData } from 'node:worker_threads';
import { createAdmin } from './app/admin.ts';
import { announce } from './app/announce.ts';
import { ControlPlane } from './app/control.ts';
import { carryTraffic, createDataPlane } from './app/data-plane.ts';
import { createDiscovery } from './app/discovery.ts';
import { createIdentity, readCredentials } from './app/identity.ts';
import { surviveMistakes } from './app/last-resort.ts';
import { bindListeners } from './app/listeners.ts';
import { createLogs } from './app/logging.ts';
import { keepMemorySmall } from './app/memory.ts';
import { createRuntime, version } from './app/runtime.ts';
import { drainAll, shutdownRequests } from './app/shutdown.ts';
import { createTap } from './app/tap.ts';
import { createTracing } from './app/tracing.ts';
import { runWorker } from './app/worker.ts';
import { Workers } from './app/workers.ts';
import { ConfigError } from './config/config-error.ts';
import { readConfig } from './config/read-config.ts';
import { awaitIdentity } from './identity/await-identity.ts';
import { systemClock } from './identity/clock.ts';
import { errorText } from './log/format.ts';
import { availableCores } from './threads/available-cores.ts';
import { shareConfig } from './threads/share-config.ts';
import { threadCount } from './threads/thread-count.ts';
import type { WorkerData } from './threads/worker-data.ts';

/** EX_USAGE: the environment cannot be understood. */
const badConfiguration = 64;
const cannotStart = 1;
/** EX_SOFTWARE: whoever started this program has to start it again. */
const threadDied = 70;

/** This file, or the bundle that it is in. */
const program = new URL(import.meta.url);

async function run(): Promise<void> {
  // First of all: a signal that comes while the proxy starts ends it in order, too.
  const shutdown = shutdownRequests();
  const config = readConfig(process.env);
  const logs = createLogs(config.log);
  const log = logs.logger('linkerd_proxy');
  announce(config, log, version.version);

  const threads = threadCount(config.cores, availableCores());
  const workers = threads === 1 ? null : new Workers(config, threads);
  const share = shareConfig(config, threads);
  const runtime = createRuntime(config.metrics.retainIdleMs, logs, workers?.context);
  surviveMistakes(log, runtime.registry);
  const credentials = readCredentials(config, workers?.certified);
  const listeners = await bindListeners(config, runtime.context.balance, log);
  const control = new ControlPlane(config, runtime, credentials);
  const tracing = createTracing(config, runtime, control);
  const watches = workers?.start(program, { runtime, listeners, control, tracing }, (thread, error) => {
    log.error('A thread has ended, and so does the proxy', { thread: thread + 1, error });
    process.exit(threadDied);
  });
  const discovery = createDiscovery(share, runtime, watches ?? control);
  const identity = createIdentity(config, runtime, credentials, control);

  let ready = false;
  const admin = createAdmin(config, runtime, credentials, discovery.policies, {
    isReady: () => ready,
    shutdown: () => shutdown.request('admin'),
    workers,
  });
  const { ip } = config.admin.listen;
  listeners.admin.accept((connection) => void admin.acceptHttp(connection, { ...connection.local, ip }));
  const tap = createTap(config, runtime, credentials);
  listeners.tap?.accept((connection) => void tap?.accept(connection));

  const stopped = new AbortController();
  const certifying = identity.run(stopped.signal);
  const identityLog = logs.logger('linkerd_proxy_identity');
  awaitIdentity(identity.ready, { clock: systemClock, log: identityLog }, stopped.signal).then(async () => {
    if (stopped.signal.aborted) return;
    carryTraffic(createDataPlane(share, runtime, credentials, discovery, tracing), listeners);
    await workers?.accept();
    ready = true;
  });

  keepMemorySmall(runtime, () => workers?.releaseMemory());
  log.info('Shutting down', { reason: await shutdown.requested });
  await drainAll(listeners, runtime, async () => workers?.drain(), config.shutdown.gracePeriodMs, log);
  await tracing?.close();
  stopped.abort();
  await certifying;
  discovery.close();
  control.close();
}

/** The same program is what the workers run. */
if (parentPort === null) {
  run().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${errorText(error)}\n`);
      process.exit(error instanceof ConfigError ? badConfiguration : cannotStart);
    },
  );
} else runWorker(parentPort, workerData as WorkerData);
