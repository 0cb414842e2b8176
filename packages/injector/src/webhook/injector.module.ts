import { type DynamicModule, type InjectionToken, Module } from '@nestjs/common';
import { AdmissionMetrics, MountedFiles } from '@weft/admission';
import { EventRecorder, type OpenedCluster, openCluster } from '@weft/kubernetes';
import { LOGGER, type Logger, REGISTRY, type Registry } from '@weft/service';
import { InjectionMetrics } from './metrics.ts';
import type { InjectorConfig } from './settings.ts';
import { readWebhookValues, type WebhookValues } from './values/webhook-values.ts';

export const CLUSTER: InjectionToken = Symbol('Cluster');
export const VALUES: InjectionToken = Symbol('Values');

/** Wires the injector. */
@Module({})
export class InjectorModule {
  static forRoot(config: InjectorConfig): DynamicModule {
    const providers = [
      {
        provide: AdmissionMetrics,
        inject: [REGISTRY],
        useFactory: (registry: Registry) => new AdmissionMetrics(registry),
      },
      {
        provide: InjectionMetrics,
        inject: [REGISTRY],
        useFactory: (registry: Registry) => new InjectionMetrics(registry),
      },
      {
        provide: CLUSTER,
        inject: [LOGGER, REGISTRY],
        useFactory: (log: Logger, registry: Registry) =>
          openCluster({
            kubeconfig: config.kubeconfig,
            env: process.env,
            userAgent: 'weft-injector',
            ...{ log, registry },
          }),
      },
      {
        provide: EventRecorder,
        inject: [CLUSTER, LOGGER, REGISTRY],
        useFactory: ({ api }: OpenedCluster, log: Logger, registry: Registry) => {
          const source = { component: 'linkerd-proxy-injector', instance: config.instance };
          return new EventRecorder({ api, source, log, registry });
        },
      },
      {
        provide: VALUES,
        inject: [LOGGER, AdmissionMetrics],
        useFactory: (logger: Logger, metrics: AdmissionMetrics) => mountedValues(config, logger, metrics),
      },
    ];
    return { module: InjectorModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}

function mountedValues(
  { valuesFile, trustAnchors, linkerdNamespace }: InjectorConfig,
  logger: Logger,
  metrics: AdmissionMetrics,
): MountedFiles<WebhookValues> {
  return new MountedFiles({
    name: 'configuration of injection',
    paths: [valuesFile, trustAnchors],
    load: ([text = '', anchors = '']) => readWebhookValues(text, { linkerdNamespace, trustAnchors: anchors }),
    logger,
    onResult: (result) => metrics.reloaded(valuesFile, result),
  });
}
