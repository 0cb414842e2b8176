import type { EnvVar } from './env-var.ts';

/** A tree of proxy parameters that becomes environment variables by its path. */
export type ParameterTree = { readonly [name: string]: ParameterTree | string | number | boolean };

export interface ImageValues {
  name: string;
  /** Empty: `linkerdVersion`. */
  version: string;
  /** Empty: `imagePullPolicy`. */
  pullPolicy: string;
}

/** Kubernetes quantities; empty means not set. */
export interface ResourceValues {
  request: string;
  limit: string;
}

export interface TracingValues {
  enabled: boolean;
  protocol: string;
  traceServiceName: string;
  collector: {
    /** `host:port`; required once tracing is enabled. */
    endpoint: string;
    meshIdentity: { serviceAccountName: string; namespace: string };
  };
  labels: Readonly<Record<string, string>>;
}

export interface ProxyValues {
  image: ImageValues;
  ports: { inbound: number; outbound: number; control: number; admin: number };
  uid: number;
  /** Negative: no group is set. */
  gid: number;
  resources: { cpu: ResourceValues; memory: ResourceValues; 'ephemeral-storage': ResourceValues };
  /** Deprecated: wins over `runtime.workers` when set. */
  cores?: number | null | undefined;
  runtime: {
    workers: {
      minimum?: number | null | undefined;
      maximum?: number | null | undefined;
      /** Share of the node's CPUs, above 0 and at most 1. */
      maximumCPURatio?: number | null | undefined;
    };
  };
  await: boolean;
  nativeSidecar: boolean;
  waitBeforeExitSeconds: number;
  /** A duration of the proxy's grammar (`120s`), empty: the proxy's own default. */
  shutdownGracePeriod: string;
  /** Comma list of ports and `a-b` ranges. */
  opaquePorts: string;
  /** Comma list; empty: computed from the pod's containers. */
  podInboundPorts: string;
  logLevel: string;
  /** `plain` or `json`. */
  logFormat: string;
  /** `off`, `insecure` or empty. */
  logHTTPHeaders: string;
  accessLog: string;
  outboundConnectTimeout: string;
  inboundConnectTimeout: string;
  outboundDiscoveryCacheUnusedTimeout: string;
  inboundDiscoveryCacheUnusedTimeout: string;
  disableOutboundProtocolDetectTimeout: boolean;
  disableInboundProtocolDetectTimeout: boolean;
  control: { streams: { initialTimeout: string; idleTimeout: string; lifetime: string } };
  inbound: ParameterTree;
  outbound: ParameterTree;
  livenessProbe: { initialDelaySeconds: number; timeoutSeconds: number };
  readinessProbe: { initialDelaySeconds: number; timeoutSeconds: number };
  startupProbe: { initialDelaySeconds: number; periodSeconds: number; failureThreshold: number };
  defaultInboundPolicy: string;
  requireIdentityOnInboundPorts: string;
  enableExternalProfiles: boolean;
  enableShutdownEndpoint: boolean;
  isGateway: boolean;
  isIngress: boolean;
  metrics: { hostnameLabels: boolean };
  tracing: TracingValues;
  additionalEnv: readonly EnvVar[];
  experimentalEnv: readonly EnvVar[];
  /** Replaces the proxy's security context as a whole unless empty. */
  securityContext: Readonly<Record<string, unknown>>;
}

export interface ProxyInitValues {
  /** `nft` or `legacy`. */
  iptablesMode: string;
  ignoreInboundPorts: string;
  ignoreOutboundPorts: string;
  /** Comma list of CIDRs. */
  skipSubnets: string;
  closeWaitTimeoutSecs: number;
  privileged: boolean;
  runAsRoot: boolean;
  runAsUser: number;
  runAsGroup: number;
  logLevel: string;
  logFormat: string;
  xtMountPath: { name: string; mountPath: string };
}

/** The configuration of injection, under the names of Linkerd's control-plane chart. */
export interface InjectorValues {
  linkerdVersion: string;
  /** Namespace of the control plane (the Helm release's namespace). */
  linkerdNamespace: string;
  clusterDomain: string;
  /** Empty: `clusterDomain`. */
  identityTrustDomain: string;
  /** Trust anchors as PEM text; must not be empty where a proxy is injected. */
  identityTrustAnchorsPEM: string;
  /** Comma list of CIDRs. */
  clusterNetworks: string;
  disableIPv6: boolean;
  cniEnabled: boolean;
  imagePullPolicy: string;
  identity: { serviceAccountTokenProjection: boolean };
  proxy: ProxyValues;
  proxyInit: ProxyInitValues;
  networkValidator: {
    logLevel: string;
    logFormat: string;
    /** Empty: chosen by `disableIPv6`. */
    connectAddr: string;
    /** Empty: chosen by `disableIPv6`. */
    listenAddr: string;
    timeout: string;
  };
  debugContainer: { image: ImageValues };
}
