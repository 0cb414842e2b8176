import type { InjectorValues } from './values.ts';

/** The configuration of one pod's injection: the values with the annotations laid over them. */
export interface Settings extends InjectorValues {
  debugSidecar: boolean;
}

export function settingsFrom(values: InjectorValues): Settings {
  return { ...structuredClone(values), debugSidecar: false };
}

export function proxyVersion(settings: Settings): string {
  return settings.proxy.image.version || settings.linkerdVersion;
}

export function proxyImage(settings: Settings): string {
  return `${settings.proxy.image.name}:${proxyVersion(settings)}`;
}

export function proxyPullPolicy(settings: Settings): string {
  return settings.proxy.image.pullPolicy || settings.imagePullPolicy;
}

export function trustDomain(settings: Settings): string {
  return settings.identityTrustDomain || settings.clusterDomain;
}
