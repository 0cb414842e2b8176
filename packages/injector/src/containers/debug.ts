import type { Settings } from '../settings.ts';

/** A container of network tools in the pod's network namespace. */
export function debugContainer(settings: Settings) {
  const { name, version, pullPolicy } = settings.debugContainer.image;
  const probe = { exec: { command: ['true'] } };
  return {
    name: 'linkerd-debug',
    image: `${name}:${version || settings.linkerdVersion}`,
    imagePullPolicy: pullPolicy || settings.imagePullPolicy,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    livenessProbe: probe,
    readinessProbe: probe,
  };
}
