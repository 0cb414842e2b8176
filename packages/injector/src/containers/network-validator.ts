import { proxyImage, proxyPullPolicy, type Settings } from '../settings.ts';
import { resources } from './resources.ts';

const NOBODY = 65_534;

/** Where a CNI plugin programs the redirection, this container proves that it did before anything else starts. */
export function networkValidatorContainer(settings: Settings) {
  const { logFormat, logLevel, connectAddr, listenAddr, timeout } = settings.networkValidator;
  const { disableIPv6 } = settings;
  return {
    name: 'linkerd-network-validator',
    image: proxyImage(settings),
    imagePullPolicy: proxyPullPolicy(settings),
    command: ['/usr/lib/linkerd/linkerd2-network-validator'],
    args: [
      '--log-format',
      logFormat,
      '--log-level',
      logLevel,
      '--connect-addr',
      connectAddr || (disableIPv6 ? '1.1.1.1:20001' : '[fd00::1]:20001'),
      '--listen-addr',
      listenAddr || (disableIPv6 ? '0.0.0.0:4140' : '[::]:4140'),
      '--timeout',
      timeout,
    ],
    resources: resources(settings),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsGroup: NOBODY,
      runAsNonRoot: true,
      runAsUser: NOBODY,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}
