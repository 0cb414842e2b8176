import type { MeshConfig } from '../mesh-config.ts';

/** How the identity of an endpoint is named and proven. */
export type TlsFacts =
  | { readonly type: 'dns'; readonly name: string; readonly serverName: string | undefined }
  | { readonly type: 'uri'; readonly uri: string; readonly serverName: string };

/** How a proxy should speak to an endpoint that has a proxy too. */
export interface HintFacts {
  readonly protocol: 'h2' | 'opaque' | 'unknown';
  /** The proxy's own port, when connections should go there with a transport header. */
  readonly inboundPort: number | undefined;
}

/** All that a client is told about one endpoint. Plain data: equal facts are equal bytes. */
export interface EndpointFacts {
  readonly ip: string;
  readonly port: number;
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly tls: TlsFacts | undefined;
  readonly hint: HintFacts | undefined;
  readonly authorityOverride: string | undefined;
  /** Whether the mesh's HTTP/2 client parameters apply. */
  readonly http2: boolean;
}

export const DEFAULT_WEIGHT = 10_000;

/** An address nobody knows anything about. */
export function bareEndpoint(ip: string, port: number): EndpointFacts {
  return {
    ip,
    port,
    weight: DEFAULT_WEIGHT,
    labels: {},
    tls: undefined,
    hint: undefined,
    authorityOverride: undefined,
    http2: false,
  };
}

/** The hint for an endpoint whose proxy listens on `inboundPort`; undefined when it is not to be used directly. */
export function hintFor(config: MeshConfig, opaque: boolean, inboundPort: number | undefined): HintFacts {
  return {
    protocol: opaque ? 'opaque' : config.enableH2Upgrade ? 'h2' : 'unknown',
    inboundPort: config.forceOpaqueTransport || opaque ? inboundPort : undefined,
  };
}
