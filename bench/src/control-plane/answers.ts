import type { MessageInitShape } from '@bufbuild/protobuf';
import type { DestinationProfileSchema, UpdateSchema } from '@weft/proto/destination';
import type { ServerSchema } from '@weft/proto/inbound';
import type { MetadataSchema } from '@weft/proto/meta';
import type { IPAddressSchema } from '@weft/proto/net';
import type { BackendSchema, OutboundPolicySchema, ProxyProtocol_OpaqueSchema } from '@weft/proto/outbound';
import { PORTS } from '../pod-pair.ts';
import { IDENTITIES, PROXY_INBOUND_PORT, SERVICE } from './topology.ts';

const DETECT_TIMEOUT = { seconds: 10n };

const isOpaque = (port: number) => port === PORTS.echo || port === PORTS.source;

function ipv4(text: string): MessageInitShape<typeof IPAddressSchema> {
  const value = text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return { ip: { case: 'ipv4', value } };
}

function metadata(kind: string, name: string, port = 0): MessageInitShape<typeof MetadataSchema> {
  const group = kind === 'Service' ? 'core' : 'policy.linkerd.io';
  return { kind: { case: 'resource', value: { group, kind, name, namespace: 'bench', port } } };
}

/** The port of `name:port`. */
export function portOf(path: string): number {
  return Number(path.slice(path.lastIndexOf(':') + 1));
}

export function profile(port: number): MessageInitShape<typeof DestinationProfileSchema> {
  return {
    fullyQualifiedName: SERVICE.authority,
    opaqueProtocol: isOpaque(port),
    parentRef: metadata('Service', SERVICE.name, port),
    retryBudget: { retryRatio: 0.2, minRetriesPerSecond: 10, ttl: DETECT_TIMEOUT },
  };
}

/** One meshed endpoint: mutual TLS, HTTP carried over HTTP/2, opaque ports by the proxy's own port. */
export function endpoints(serverAddress: string, port: number): MessageInitShape<typeof UpdateSchema> {
  const tlsName = { name: IDENTITIES.server };
  return {
    update: {
      case: 'add',
      value: {
        metricLabels: { namespace: 'bench', service: SERVICE.name },
        addrs: [
          {
            addr: { ip: ipv4(serverAddress), port },
            weight: 10_000,
            metricLabels: { pod: 'server', deployment: 'server' },
            tlsIdentity: { strategy: { case: 'dnsLikeIdentity', value: tlsName }, serverName: tlsName },
            protocolHint: isOpaque(port)
              ? {
                  protocol: { case: 'opaque', value: {} },
                  opaqueTransport: { inboundPort: PROXY_INBOUND_PORT },
                }
              : { protocol: { case: 'h2', value: {} } },
          },
        ],
      },
    },
  };
}

function balancer(port: number): MessageInitShape<typeof BackendSchema> {
  return {
    metadata: metadata('Service', SERVICE.name, port),
    queue: { capacity: 100, failfastTimeout: { seconds: 3n } },
    kind: {
      case: 'balancer',
      value: {
        discovery: { kind: { case: 'dst', value: { path: `${SERVICE.authority}:${port}` } } },
        load: { case: 'peakEwma', value: { defaultRtt: { nanos: 30_000_000 }, decay: { seconds: 10n } } },
      },
    },
  };
}

function opaqueRoutes(port: number): MessageInitShape<typeof ProxyProtocol_OpaqueSchema> {
  const backends = [{ backend: balancer(port) }];
  return {
    routes: [
      {
        metadata: { kind: { case: 'default', value: 'opaque' } },
        rules: [{ backends: { kind: { case: 'firstAvailable', value: { backends } } } }],
      },
    ],
  };
}

export function outboundPolicy(port: number): MessageInitShape<typeof OutboundPolicySchema> {
  const backends = [{ backend: balancer(port) }];
  const routes = [
    {
      metadata: { kind: { case: 'default' as const, value: 'http' } },
      rules: [
        {
          matches: [{ path: { kind: { case: 'prefix' as const, value: '/' } } }],
          backends: { kind: { case: 'firstAvailable' as const, value: { backends } } },
        },
      ],
    },
  ];
  const opaque = opaqueRoutes(port);
  return {
    metadata: metadata('Service', SERVICE.name, port),
    protocol: {
      kind: isOpaque(port)
        ? { case: 'opaque', value: opaque }
        : {
            case: 'detect',
            value: { timeout: DETECT_TIMEOUT, opaque, http1: { routes }, http2: { routes } },
          },
    },
  };
}

/** Inbound policy that is really checked: only the client's identity may talk to the application, but for `plain`. */
export function inboundServer(port: number): MessageInitShape<typeof ServerSchema> {
  const routes = [
    {
      metadata: { kind: { case: 'default' as const, value: 'default' } },
      rules: [{ matches: [{ path: { kind: { case: 'prefix' as const, value: '/' } } }] }],
    },
  ];
  return {
    labels: { group: 'policy.linkerd.io', kind: 'server', name: `app-${port}` },
    protocol: {
      kind: isOpaque(port)
        ? { case: 'opaque', value: {} }
        : { case: 'detect', value: { timeout: DETECT_TIMEOUT, httpRoutes: routes } },
    },
    authorizations: [
      {
        networks: [{ net: { ip: ipv4('0.0.0.0'), prefixLen: 0 } }],
        authentication: {
          permit:
            port === PORTS.plain
              ? { case: 'unauthenticated', value: {} }
              : {
                  case: 'meshTLS',
                  value: {
                    clients: {
                      case: 'identities',
                      value: { identities: [{ name: IDENTITIES.client }], suffixes: [] },
                    },
                  },
                },
        },
        labels: { group: 'policy.linkerd.io', kind: 'authorizationpolicy', name: 'client-only' },
        metadata: metadata('authorizationpolicy', 'client-only'),
      },
    ],
  };
}
