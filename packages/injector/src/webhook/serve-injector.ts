import { AdmissionMetrics, type MountedFiles, openWebhook, type WebhookSurroundings } from '@weft/admission';
import { EventRecorder, type OpenedCluster, waitUntilSynced } from '@weft/kubernetes';
import {
  type Get,
  LOGGER,
  type Logger,
  MemoryKeeper,
  READINESS,
  type Readiness,
  returnMemory,
  SHUTDOWN,
  type Shutdown,
  sinceLast,
} from '@weft/service';
import { admit as validate } from '@weft/validator';
import { admitWith } from './admit.ts';
import { ApiServerFacts } from './cluster/api-server-facts.ts';
import { OwnerResolver } from './cluster/owner-resolver.ts';
import { CLUSTER, VALUES } from './injector.module.ts';
import { InjectionMetrics } from './metrics.ts';
import type { InjectorConfig } from './settings.ts';
import type { WebhookValues } from './values/webhook-values.ts';

/** Begins to serve. Ready with a configuration, the namespaces, and a certificate for each webhook. */
export async function serveInjector(get: Get, config: InjectorConfig): Promise<void> {
  const readiness = get<Readiness>(READINESS);
  const shutdown = get<Shutdown>(SHUTDOWN);
  const logger = get<Logger>(LOGGER);
  const { signal } = shutdown;

  const values = get<MountedFiles<WebhookValues>>(VALUES);
  const configured = readiness.gate('configuration');
  values.subscribe(() => configured.open());
  await values.follow(signal);

  const { api, follow } = get<OpenedCluster>(CLUSTER);
  const { source, finished } = follow(['Namespace'], signal);
  shutdown.register('close', 'namespaces', () => finished);
  const namespacesKnown = readiness.gate('namespaces');
  void waitUntilSynced(source, signal).then(
    () => namespacesKnown.open(),
    () => {},
  );
  const facts = new ApiServerFacts(api, source);

  const metrics = get<InjectionMetrics>(InjectionMetrics);
  const owners = new OwnerResolver({ facts, logger, onLookup: (result) => metrics.ownerLookup(result) });
  metrics.observeOwners(() => owners.size);
  const events = get<EventRecorder>(EventRecorder);
  void events.run(signal);

  const surroundings = { logger, metrics: get<AdmissionMetrics>(AdmissionMetrics), readiness, shutdown };
  const inject = admitWith({ values: () => values.current, facts, owners, events, metrics });
  await openWebhooks(config, { inject, validate }, surroundings);
  // Starting leaves more garbage than the service will ever hold, and so does a rollout of many pods.
  returnMemory();
  new MemoryKeeper({ load: sinceLast(() => surroundings.metrics.requestsEnded), returnMemory }).run(signal);
}

async function openWebhooks(
  config: InjectorConfig,
  { inject, validate: validated }: { inject: ReturnType<typeof admitWith>; validate: typeof validate },
  surroundings: WebhookSurroundings,
): Promise<void> {
  const { addr, policyAddr, profileAddr, tlsDirectory, policyTlsDirectory, profileTlsDirectory } = config;
  const webhooks = [
    { name: 'proxy-injector', addr, tlsDirectory, admit: inject },
    { name: 'policy-validator', addr: policyAddr, tlsDirectory: policyTlsDirectory, admit: validated },
    { name: 'sp-validator', addr: profileAddr, tlsDirectory: profileTlsDirectory, admit: validated },
  ];
  const servers = await Promise.all(webhooks.map((webhook) => openWebhook(webhook, surroundings)));
  surroundings.metrics.observeLoad(() => servers.map(({ load }) => load));
}
