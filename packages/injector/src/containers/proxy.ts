import { proxyEnv } from '../env/proxy-env.ts';
import type { Injection } from '../injection.ts';
import { END_ENTITY, IDENTITY_TOKEN, PODINFO } from '../paths.ts';
import { serviceAccountMount } from '../service-account-mount.ts';
import { proxyImage, proxyPullPolicy, type Settings } from '../settings.ts';
import { resources } from './resources.ts';

/** The sidecar itself. */
export function proxyContainer(injection: Injection) {
  const { settings } = injection;
  const { ports, nativeSidecar } = settings.proxy;
  return {
    name: 'linkerd-proxy',
    image: proxyImage(settings),
    imagePullPolicy: proxyPullPolicy(settings),
    env: proxyEnv(injection),
    ports: [
      { containerPort: ports.inbound, name: 'linkerd-proxy' },
      { containerPort: ports.admin, name: 'linkerd-admin' },
    ],
    ...probes(settings),
    ...(nativeSidecar ? { restartPolicy: 'Always' } : lifecycle(settings)),
    resources: resources(settings),
    securityContext: securityContext(injection),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: volumeMounts(injection),
  };
}

function probes({ proxy }: Settings) {
  const get = (path: string) => ({ httpGet: { path, port: proxy.ports.admin } });
  return {
    livenessProbe: { ...get('/live'), ...proxy.livenessProbe },
    readinessProbe: { ...get('/ready'), ...proxy.readinessProbe },
    ...(proxy.nativeSidecar && proxy.await
      ? { startupProbe: { ...get('/ready'), ...proxy.startupProbe } }
      : {}),
  };
}

/** Without native sidecars, hooks order the proxy's start before the application and its end after it. */
function lifecycle({ proxy }: Settings) {
  const exec = (...command: string[]) => ({ exec: { command } });
  const hooks = {
    ...(proxy.await && {
      postStart: exec('/usr/lib/linkerd/linkerd-await', '--timeout=2m', `--port=${proxy.ports.admin}`),
    }),
    ...(proxy.waitBeforeExitSeconds > 0 && {
      preStop: exec('/bin/sleep', String(proxy.waitBeforeExitSeconds)),
    }),
  };
  return Object.keys(hooks).length > 0 ? { lifecycle: hooks } : {};
}

function securityContext({ settings, spec }: Injection) {
  const { uid, gid, securityContext: replacement } = settings.proxy;
  if (Object.keys(replacement).length > 0) return replacement;
  const { add, drop } = spec.containers?.[0]?.securityContext?.capabilities ?? {};
  const capabilities = { ...(add && { add }), ...(drop && { drop }) };
  return {
    allowPrivilegeEscalation: false,
    ...(Object.keys(capabilities).length > 0 && { capabilities }),
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: uid,
    ...(gid >= 0 && { runAsGroup: gid }),
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

function volumeMounts({ settings, spec }: Injection) {
  const serviceAccount = serviceAccountMount(spec);
  return [
    END_ENTITY,
    ...(settings.proxy.tracing.enabled ? [PODINFO] : []),
    ...(settings.identity.serviceAccountTokenProjection ? [IDENTITY_TOKEN] : []),
    ...(serviceAccount === undefined ? [] : [serviceAccount]),
  ];
}
