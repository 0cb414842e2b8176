import type { Authz, GrpcRoute, HttpLocalRateLimit, HttpRoute, Server } from '@weft/proto/inbound';
import { decodeLabels, decodeMeta } from '../decode-meta.ts';
import { decodeDuration } from '../duration.ts';
import { InvalidPolicyError, invalid } from '../invalid-policy.ts';
import { decodeGrpcFilter, decodeHttpFilter } from '../route/decode-filter.ts';
import { decodeGrpcMatch, decodeHost, decodeHttpMatch } from '../route/decode-match.ts';
import { compileGrpcRoutes } from '../route/match-grpc.ts';
import { compileHttpRoutes } from '../route/match-http.ts';
import type { Authorization } from './authorization.ts';
import { decodeAuthorization } from './decode-authorization.ts';
import {
  defaultGrpcRoutes,
  defaultHttpRoutes,
  invalidServerPolicy,
  localhostAuthorization,
} from './default-policy.ts';
import type {
  InboundGrpcRoute,
  InboundGrpcRoutes,
  InboundHttpRoute,
  InboundHttpRoutes,
  RateLimit,
  RateLimitOverride,
  ServerPolicy,
  ServerProtocol,
} from './server-policy.ts';

/** Compiles what the control plane sent. What breaks its rules becomes an `invalid` policy; never throws. */
export function decodeServer(message: Server): ServerPolicy {
  try {
    const authorizations = decodeAuthorizations(message.authorizations, 'authorizations');
    const all = [...authorizations, localhostAuthorization];
    return {
      meta: decodeLabels(message.labels, { group: 'policy.linkerd.io', kind: 'server' }, 'labels'),
      protocol: decodeProtocol(message, all),
      authorizations: all,
    };
  } catch (error) {
    if (error instanceof InvalidPolicyError) return invalidServerPolicy(error.message);
    throw error;
  }
}

function decodeProtocol(message: Server, authorizations: readonly Authorization[]): ServerProtocol {
  const kind = message.protocol?.kind;
  const field = `protocol.${kind?.case}`;
  switch (kind?.case) {
    case 'detect': {
      const { timeout, httpRoutes, httpLocalRateLimit } = kind.value;
      return {
        kind: 'detect',
        timeoutMs: decodeDuration(timeout, `${field}.timeout`) ?? invalid(`${field}.timeout`, 'is missing'),
        routes: decodeHttpRoutes(httpRoutes, authorizations, `${field}.http_routes`),
        rateLimit: decodeRateLimit(httpLocalRateLimit, `${field}.http_local_rate_limit`),
      };
    }
    case 'http1':
    case 'http2':
      return {
        kind: kind.case,
        routes: decodeHttpRoutes(kind.value.routes, authorizations, `${field}.routes`),
        rateLimit: decodeRateLimit(kind.value.localRateLimit, `${field}.local_rate_limit`),
      };
    case 'grpc':
      return {
        kind: 'grpc',
        routes: decodeGrpcRoutes(kind.value.routes, authorizations, `${field}.routes`),
      };
    case 'opaque':
    case 'tls':
      return { kind: kind.case };
    default:
      return invalid('protocol.kind', 'is missing');
  }
}

function decodeAuthorizations(messages: readonly Authz[], field: string): Authorization[] {
  return messages.map((message, i) => decodeAuthorization(message, `${field}[${i}]`));
}

function decodeHttpRoutes(
  messages: readonly HttpRoute[],
  server: readonly Authorization[],
  field: string,
): InboundHttpRoutes {
  if (messages.length === 0) return defaultHttpRoutes(server);
  return compileHttpRoutes(
    messages.map((message, i): InboundHttpRoute => {
      const at = `${field}[${i}]`;
      return {
        ...decodeRouteHead(message, server, at),
        rules: message.rules.map((rule, j) => ({
          matches: rule.matches.map((match, k) => decodeHttpMatch(match, `${at}.rules[${j}].matches[${k}]`)),
          filters: rule.filters.map((filter, k) =>
            decodeHttpFilter(filter, `${at}.rules[${j}].filters[${k}]`),
          ),
        })),
      };
    }),
  );
}

function decodeGrpcRoutes(
  messages: readonly GrpcRoute[],
  server: readonly Authorization[],
  field: string,
): InboundGrpcRoutes {
  if (messages.length === 0) return defaultGrpcRoutes(server);
  return compileGrpcRoutes(
    messages.map((message, i): InboundGrpcRoute => {
      const at = `${field}[${i}]`;
      return {
        ...decodeRouteHead(message, server, at),
        rules: message.rules.map((rule, j) => ({
          matches: rule.matches.map((match, k) => decodeGrpcMatch(match, `${at}.rules[${j}].matches[${k}]`)),
          filters: rule.filters.map((filter, k) =>
            decodeGrpcFilter(filter, `${at}.rules[${j}].filters[${k}]`),
          ),
        })),
      };
    }),
  );
}

function decodeRouteHead(
  message: Pick<HttpRoute, 'metadata' | 'hosts' | 'authorizations'>,
  server: readonly Authorization[],
  field: string,
): Pick<InboundHttpRoute, 'meta' | 'hosts' | 'authorizations'> {
  const own = decodeAuthorizations(message.authorizations, `${field}.authorizations`);
  return {
    meta: decodeMeta(message.metadata, `${field}.metadata`),
    hosts: message.hosts.map((host, i) => decodeHost(host, `${field}.hosts[${i}]`)),
    authorizations: own.length === 0 ? server : [...own, ...server],
  };
}

function decodeRateLimit(message: HttpLocalRateLimit | undefined, field: string): RateLimit | null {
  if (message === undefined) return null;
  const overrides = new Map<string, RateLimitOverride>();
  for (const { limit, clients } of message.overrides) {
    const override = { requestsPerSecond: limit?.requestsPerSecond ?? 0 };
    if (override.requestsPerSecond === 0) continue;
    for (const { name } of clients?.identities ?? []) overrides.set(name, override);
  }
  return {
    meta: decodeMeta(message.metadata, `${field}.metadata`),
    total: message.total?.requestsPerSecond ?? 0,
    identity: message.identity?.requestsPerSecond ?? 0,
    overrides,
  };
}
