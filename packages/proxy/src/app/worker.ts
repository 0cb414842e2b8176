import { setImmediate } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import { errorText } from '../log/format.ts';
import { Link } from '../threads/link.ts';
import type { ToMain, ToWorker } from '../threads/messages.ts';
import { shareConfig } from '../threads/share-config.ts';
import type { WorkerData } from '../threads/worker-data.ts';
import { carryTraffic, createDataPlane } from './data-plane.ts';
import { createDiscovery } from './discovery.ts';
import { readCredentials } from './identity.ts';
import { surviveMistakes } from './last-resort.ts';
import { bindTraffic } from './listeners.ts';
import { createRuntime } from './runtime.ts';
import { drainThread } from './shutdown.ts';
import { createWorkerTracing } from './tracing.ts';
import {
  answerMainThread,
  followCredentials,
  sendSpans,
  takeConnections,
  watchesOf,
  workerContext,
} from './worker-link.ts';
import { createWorkerLogs } from './worker-logs.ts';

/** A thread beside the main one: it carries traffic, and has everything else done by that. */
export async function runWorker(port: MessagePort, data: WorkerData): Promise<void> {
  const link = new Link<ToWorker, ToMain>(port);
  try {
    await run(link, data);
  } catch (error) {
    link.post({ kind: 'failed', reason: errorText(error) });
  }
}

async function run(link: Link<ToWorker, ToMain>, data: WorkerData): Promise<void> {
  const accept = link.next('accept');
  const drain = link.next('drain');
  const logs = createWorkerLogs(link, data);
  const log = logs.logger('linkerd_proxy');
  const config = shareConfig(data.config, data.threads);
  const runtime = createRuntime(config.metrics.retainIdleMs, logs, workerContext(link, data));
  surviveMistakes(log, runtime.registry);
  const credentials = readCredentials(config);
  followCredentials(link, credentials);
  const discovery = createDiscovery(config, runtime, watchesOf(link, runtime));
  const tracing = createWorkerTracing(config, runtime, sendSpans(link));
  answerMainThread(link, runtime);
  link.post({ kind: 'built' });

  if ((await Promise.race([accept, drain])).kind === 'accept') {
    const { balance } = runtime.context;
    const dataPlane = createDataPlane(config, runtime, credentials, discovery, tracing);
    const binding = bindTraffic(data.listen, config, balance, log);
    takeConnections(link, binding, balance);
    const listeners = await binding;
    carryTraffic(dataPlane, listeners);
    link.post({ kind: 'accepting' });
    await drain;
    await drainThread(listeners, runtime, async () => {}, config.shutdown.gracePeriodMs, log);
    await tracing?.close();
  }
  // What was logged in this turn leaves in the next.
  await setImmediate();
  await setImmediate();
  link.post({ kind: 'drained' });
}
