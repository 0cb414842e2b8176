import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { decodeServer, parseCidr, type ServerPolicy } from '@weft/policy';
import {
  type AuthnSchema,
  type AuthzSchema,
  type HttpLocalRateLimitSchema,
  type HttpRouteSchema,
  type ProxyProtocolSchema,
  type Server,
  ServerSchema,
} from '@weft/proto/inbound';
import type { IPNetworkSchema } from '@weft/proto/net';

/** Fields alone, not a whole message: only those can be spread. */
type Fields<Desc extends DescMessage> = MessageInitShape<Desc> & { readonly $typeName?: never };
export type AuthzInit = Fields<typeof AuthzSchema>;
export type HttpRouteInit = Fields<typeof HttpRouteSchema>;
export type ProtocolInit = MessageInitShape<typeof ProxyProtocolSchema>;
type RateLimitInit = MessageInitShape<typeof HttpLocalRateLimitSchema>;

const group = 'policy.linkerd.io';

function ipNetwork(text: string): MessageInitShape<typeof IPNetworkSchema> {
  const cidr = parseCidr(text);
  if (cidr === null) throw new Error(`not a network: ${text}`);
  const [a = 0, b = 0, c = 0, d = 0] = cidr.words;
  const word64 = (high: number, low: number) => (BigInt(high) << 32n) | BigInt(low);
  const ip =
    cidr.family === 4
      ? { case: 'ipv4' as const, value: a }
      : { case: 'ipv6' as const, value: { first: word64(a, b), last: word64(c, d) } };
  return { ip: { ip }, prefixLen: cidr.prefixLength };
}

/** `0.0.0.0/0` and `::/0`, or the networks told. */
export const networks = (...cidrs: string[]) =>
  (cidrs.length === 0 ? ['0.0.0.0/0', '::/0'] : cidrs).map((cidr) => ({ net: ipNetwork(cidr) }));

const unauthenticated: MessageInitShape<typeof AuthnSchema> = {
  permit: { case: 'unauthenticated', value: {} },
};

/** Admits everyone, or everyone of these networks. */
export function everyone(name = 'everyone', ...cidrs: string[]): AuthzInit {
  const labels = { group, kind: 'authorizationpolicy', name };
  return { networks: networks(...cidrs), authentication: unauthenticated, labels };
}

/** Admits these identities; `*` is any, `*.a.b` a suffix. */
export function identities(name: string, ...names: string[]): AuthzInit {
  const isSuffix = (each: string) => each.startsWith('*');
  const value = {
    identities: names.filter((each) => !isSuffix(each)).map((each) => ({ name: each })),
    suffixes: names.filter(isSuffix).map((each) => ({ parts: each.split('.').slice(1) })),
  };
  const clients = { case: 'identities' as const, value };
  return {
    networks: networks(),
    authentication: { permit: { case: 'meshTLS', value: { clients } } },
    labels: { group, kind: 'authorizationpolicy', name },
  };
}

/** An HTTP route for the paths with this prefix. */
export function routeTo(
  prefix: string,
  init: HttpRouteInit & { readonly name?: string } = {},
): HttpRouteInit {
  const { name = prefix.slice(1), ...rest } = init;
  const value = { group, kind: 'HTTPRoute', name, namespace: 'shop' };
  return {
    metadata: { kind: { case: 'resource', value } },
    rules: [{ matches: [{ path: { kind: { case: 'prefix', value: prefix } } }] }],
    ...rest,
  };
}

/** Detection for ten seconds, or as told (milliseconds). */
export function detect(
  init: { routes?: HttpRouteInit[]; rateLimit?: RateLimitInit; timeoutMs?: number } = {},
): ProtocolInit {
  const { routes = [], rateLimit, timeoutMs = 10_000 } = init;
  const seconds = Math.floor(timeoutMs / 1000);
  const value = {
    timeout: { seconds: BigInt(seconds), nanos: (timeoutMs - seconds * 1000) * 1e6 },
    httpRoutes: routes,
    ...(rateLimit === undefined ? {} : { httpLocalRateLimit: rateLimit }),
  };
  return { kind: { case: 'detect', value } };
}

export const http1: ProtocolInit = { kind: { case: 'http1', value: {} } };
export const http2: ProtocolInit = { kind: { case: 'http2', value: {} } };
export const grpc: ProtocolInit = { kind: { case: 'grpc', value: {} } };
export const opaque: ProtocolInit = { kind: { case: 'opaque', value: {} } };

export interface ServerInit {
  readonly name?: string;
  readonly protocol?: ProtocolInit;
  readonly authorizations?: readonly AuthzInit[];
}

/** What the policy controller sends for one port. Admits everyone unless told. */
export function server({
  name = 'web',
  protocol = detect(),
  authorizations = [everyone()],
}: ServerInit = {}): Server {
  return create(ServerSchema, {
    labels: { group, kind: 'server', name },
    protocol,
    authorizations: [...authorizations],
  });
}

export const serverPolicy = (init: ServerInit = {}): ServerPolicy => decodeServer(server(init));
