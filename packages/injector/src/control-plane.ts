import { type Settings, trustDomain } from './settings.ts';

export interface ControlPlaneService {
  /** `host:port` with an absolute host name. */
  readonly address: string;
  /** TLS identity that the proxy demands of it. */
  readonly name: string;
}

/** The TLS identity of a service account. */
export function identityName(serviceAccount: string, namespace: string, settings: Settings): string {
  return `${serviceAccount}.${namespace}.serviceaccount.identity.${settings.linkerdNamespace}.${trustDomain(settings)}`;
}

/** Where a proxy finds the control plane, under the names and ports that every Linkerd installation has. */
export function controlPlane(settings: Settings) {
  const service = (host: string, port: number, serviceAccount: string): ControlPlaneService => ({
    address: `${host}.${settings.linkerdNamespace}.svc.${settings.clusterDomain}.:${port}`,
    name: identityName(serviceAccount, settings.linkerdNamespace, settings),
  });
  return {
    identity: service('linkerd-identity-headless', 8080, 'linkerd-identity'),
    destination: service('linkerd-dst-headless', 8086, 'linkerd-destination'),
    policy: service('linkerd-policy', 8090, 'linkerd-destination'),
  };
}
