/** The label that says under which control plane a pod's proxy is. */
export const CONTROL_PLANE_LABEL = 'linkerd.io/control-plane-ns';

export const annotations = {
  opaquePorts: 'config.linkerd.io/opaque-ports',
  skipInboundPorts: 'config.linkerd.io/skip-inbound-ports',
  defaultInboundPolicy: 'config.linkerd.io/default-inbound-policy',
  requireIdentityPorts: 'config.linkerd.io/proxy-require-identity-inbound-ports',
  remoteGatewayIdentity: 'mirror.linkerd.io/remote-gateway-identity',
  remoteServiceName: 'mirror.linkerd.io/remote-svc-fq-name',
} as const;
