import { END_ENTITY, IDENTITY_TOKEN, PODINFO } from './paths.ts';
import type { Settings } from './settings.ts';

/** The lock file of iptables, kept away from the node's. */
export function xtablesLockVolume({ proxyInit }: Settings) {
  return { name: proxyInit.xtMountPath.name, emptyDir: {} };
}

/** Volumes of the proxy, in the order in which they are added. */
export function proxyVolumes(settings: Settings): readonly object[] {
  const field = (fieldPath: string, path: string) => ({ fieldRef: { fieldPath }, path });
  const podinfo = {
    name: PODINFO.name,
    downwardAPI: {
      items: [field('metadata.labels', 'labels'), field('metadata.annotations', 'annotations')],
    },
  };
  const token = {
    name: IDENTITY_TOKEN.name,
    projected: {
      sources: [
        {
          serviceAccountToken: {
            audience: 'identity.l5d.io',
            expirationSeconds: 86_400,
            path: 'linkerd-identity-token',
          },
        },
      ],
    },
  };
  return [
    { name: END_ENTITY.name, emptyDir: { medium: 'Memory' } },
    ...(settings.proxy.tracing.enabled ? [podinfo] : []),
    ...(settings.identity.serviceAccountTokenProjection ? [token] : []),
  ];
}
