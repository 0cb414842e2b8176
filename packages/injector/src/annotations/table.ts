import { mergeEnv } from '../env-var.ts';
import { parseDuration, wholeSeconds } from '../parse/duration.ts';
import { parseEnvList } from '../parse/env-list.ts';
import { parseQuantity } from '../parse/quantity.ts';
import { parseRatio } from '../parse/scalars.ts';
import * as keys from './keys.ts';
import {
  defaultPolicy,
  enabled,
  flag,
  integer,
  milliseconds,
  quantity,
  seconds,
  text,
  unsigned,
} from './leaf.ts';
import { listenerPort, portList } from './port-rules.ts';
import { type AnnotationRule, type Apply, read } from './rule.ts';

function inherited(key: string, apply: Apply): AnnotationRule {
  return { key: `config.linkerd.io/${key}`, scope: 'namespace', apply };
}

function podOnly(key: string, apply: Apply): AnnotationRule {
  return { key: `config.linkerd.io/${key}`, scope: 'pod', apply };
}

const nativeSidecar = flag('proxy.nativeSidecar');

/**
 * Every annotation that configures injection: who may set it, how its text is read, what it changes.
 * A rule stands after those it yields to; otherwise only the order of warnings depends on the order here.
 */
export const ANNOTATIONS: readonly AnnotationRule[] = [
  {
    key: keys.INJECT,
    scope: 'namespace',
    apply: (settings, mode) => {
      settings.proxy.isIngress = mode === 'ingress';
      return [];
    },
  },

  inherited('proxy-image', text('proxy.image.name')),
  inherited('proxy-version', text('proxy.image.version')),
  inherited('image-pull-policy', text('proxy.image.pullPolicy')),

  inherited('control-port', listenerPort('control')),
  inherited('admin-port', listenerPort('admin')),
  inherited('inbound-port', listenerPort('inbound')),
  inherited('outbound-port', listenerPort('outbound')),

  inherited('pod-inbound-ports', portList('podInboundPorts')),
  inherited('skip-inbound-ports', text('proxyInit.ignoreInboundPorts')),
  inherited('skip-outbound-ports', text('proxyInit.ignoreOutboundPorts')),
  inherited('skip-subnets', text('proxyInit.skipSubnets')),
  inherited('opaque-ports', portList('opaquePorts')),

  inherited('proxy-log-level', text('proxy.logLevel')),
  inherited('proxy-log-http-headers', text('proxy.logHTTPHeaders')),
  inherited('proxy-log-format', text('proxy.logFormat')),
  inherited('access-log', text('proxy.accessLog')),

  inherited(
    'proxy-cpu-request',
    read(parseQuantity, ({ proxy }, cpu) => {
      proxy.resources.cpu.request = cpu.text;
      proxy.runtime.workers.minimum = cpu.roundedUp;
    }),
  ),
  inherited(
    'proxy-cpu-limit',
    read(parseQuantity, ({ proxy }, cpu) => {
      proxy.resources.cpu.limit = cpu.text;
      proxy.runtime.workers.maximum = cpu.roundedUp;
    }),
  ),
  podOnly(
    'proxy-cpu-ratio-limit',
    read(parseRatio, ({ proxy }, ratio) => {
      proxy.runtime.workers.maximumCPURatio = ratio;
    }),
  ),
  inherited('proxy-memory-request', quantity('proxy.resources.memory.request')),
  inherited('proxy-memory-limit', quantity('proxy.resources.memory.limit')),
  inherited('proxy-ephemeral-storage-request', quantity('proxy.resources.ephemeral-storage.request')),
  inherited('proxy-ephemeral-storage-limit', quantity('proxy.resources.ephemeral-storage.limit')),

  inherited('proxy-uid', integer('proxy.uid')),
  inherited('proxy-gid', integer('proxy.gid')),
  inherited('proxy-admin-shutdown', enabled('proxy.enableShutdownEndpoint')),
  inherited('enable-external-profiles', flag('proxy.enableExternalProfiles')),
  inherited('proxy-require-identity-inbound-ports', text('proxy.requireIdentityOnInboundPorts')),
  inherited('proxy-metrics-hostname-labels', flag('proxy.metrics.hostnameLabels')),

  inherited('proxy-outbound-connect-timeout', milliseconds('proxy.outboundConnectTimeout')),
  inherited('proxy-inbound-connect-timeout', milliseconds('proxy.inboundConnectTimeout')),
  inherited(
    'proxy-outbound-discovery-cache-unused-timeout',
    seconds('proxy.outboundDiscoveryCacheUnusedTimeout'),
  ),
  inherited(
    'proxy-inbound-discovery-cache-unused-timeout',
    seconds('proxy.inboundDiscoveryCacheUnusedTimeout'),
  ),
  inherited(
    'proxy-disable-outbound-protocol-detect-timeout',
    flag('proxy.disableOutboundProtocolDetectTimeout'),
  ),
  inherited(
    'proxy-disable-inbound-protocol-detect-timeout',
    flag('proxy.disableInboundProtocolDetectTimeout'),
  ),
  inherited('default-inbound-policy', defaultPolicy('proxy.defaultInboundPolicy')),
  inherited('shutdown-grace-period', milliseconds('proxy.shutdownGracePeriod')),
  inherited('proxy-await', enabled('proxy.await')),

  { key: keys.NATIVE_SIDECAR, scope: 'namespace', apply: nativeSidecar },
  { key: keys.NATIVE_SIDECAR_BETA, scope: 'pod', apply: nativeSidecar, yieldsTo: [keys.NATIVE_SIDECAR] },
  {
    key: keys.NATIVE_SIDECAR_ALPHA,
    scope: 'namespace',
    apply: nativeSidecar,
    yieldsTo: [keys.NATIVE_SIDECAR, keys.NATIVE_SIDECAR_BETA],
  },
  { key: keys.WAIT_BEFORE_EXIT, scope: 'namespace', apply: unsigned('proxy.waitBeforeExitSeconds') },

  {
    ...inherited(
      'proxy-additional-env',
      read(parseEnvList, ({ proxy }, env) => {
        proxy.additionalEnv = mergeEnv(proxy.additionalEnv, env);
      }),
    ),
    cumulative: true,
  },

  inherited('enable-debug-sidecar', flag('debugSidecar')),
  podOnly('debug-image', text('debugContainer.image.name')),
  podOnly('debug-image-version', text('debugContainer.image.version')),
  podOnly('debug-image-pull-policy', text('debugContainer.image.pullPolicy')),
  podOnly(
    'close-wait-timeout',
    read(parseDuration, ({ proxyInit }, nanoseconds) => {
      proxyInit.closeWaitTimeoutSecs = Number(wholeSeconds(nanoseconds));
    }),
  ),
  podOnly('enable-gateway', flag('proxy.isGateway')),
];
