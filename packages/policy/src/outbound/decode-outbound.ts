import type {
  GrpcRoute,
  HttpRoute,
  OpaqueRoute as OpaqueRouteMessage,
  OutboundPolicy as OutboundPolicyMessage,
  ProxyProtocol_Grpc,
  ProxyProtocol_Http1,
  ProxyProtocol_Http2,
  ProxyProtocol_Opaque,
  TlsRoute as TlsRouteMessage,
} from '@weft/proto/outbound';
import { decodeFullMeta } from '../decode-meta.ts';
import { decodeDuration } from '../duration.ts';
import { InvalidPolicyError, invalid, required } from '../invalid-policy.ts';
import { defaultMeta } from '../meta.ts';
import { decodeConnectionFilter, decodeGrpcFilter, decodeHttpFilter } from '../route/decode-filter.ts';
import { decodeGrpcMatch, decodeHost, decodeHttpMatch } from '../route/decode-match.ts';
import { compileGrpcRoutes } from '../route/match-grpc.ts';
import { compileHttpRoutes } from '../route/match-http.ts';
import { decodeDistribution } from './decode-backend.ts';
import {
  decodeFailureAccrual,
  decodeGrpcRetry,
  decodeHttpRetry,
  decodeTimeouts,
} from './decode-resilience.ts';
import type {
  GrpcProtocol,
  HttpProtocol,
  OpaqueProtocol,
  OpaqueRoute,
  OutboundGrpcRoute,
  OutboundHttpRoute,
  OutboundPolicy,
  OutboundProtocol,
  TlsRoute,
} from './outbound-policy.ts';

/** Compiles what the control plane sent. What breaks its rules becomes an `invalid` policy; never throws. */
export function decodeOutbound(message: OutboundPolicyMessage): OutboundPolicy {
  try {
    return { meta: decodeFullMeta(message.metadata, 'metadata'), protocol: decodeProtocol(message) };
  } catch (error) {
    if (!(error instanceof InvalidPolicyError)) throw error;
    return { meta: defaultMeta('invalid'), protocol: { kind: 'invalid', reason: error.message } };
  }
}

function decodeProtocol(message: OutboundPolicyMessage): OutboundProtocol {
  const kind = message.protocol?.kind;
  const field = `protocol.${kind?.case}`;
  switch (kind?.case) {
    case 'detect': {
      const { timeout, opaque, http1, http2 } = kind.value;
      // Required, but the proxy's own time limit holds.
      decodeDuration(required(timeout, `${field}.timeout`), `${field}.timeout`);
      return {
        kind: 'detect',
        opaque: decodeOpaque(required(opaque, `${field}.opaque`), `${field}.opaque`),
        http1: decodeHttp(required(http1, `${field}.http1`), `${field}.http1`),
        http2: decodeHttp(required(http2, `${field}.http2`), `${field}.http2`),
      };
    }
    case 'http1':
    case 'http2':
      return { kind: kind.case, ...decodeHttp(kind.value, field) };
    case 'grpc':
      return { kind: 'grpc', ...decodeGrpc(kind.value, field) };
    case 'opaque':
      return { kind: 'opaque', ...decodeOpaque(kind.value, field) };
    case 'tls':
      return {
        kind: 'tls',
        routes: kind.value.routes.map((route, i) => decodeTlsRoute(route, `${field}.routes[${i}]`)),
      };
    default:
      return invalid('protocol.kind', 'is missing');
  }
}

function decodeHttp(message: ProxyProtocol_Http1 | ProxyProtocol_Http2, field: string): HttpProtocol {
  return {
    routes: compileHttpRoutes(
      message.routes.map((route, i) => decodeHttpRoute(route, `${field}.routes[${i}]`)),
    ),
    failureAccrual: decodeFailureAccrual(message.failureAccrual, `${field}.failure_accrual`),
  };
}

function decodeGrpc(message: ProxyProtocol_Grpc, field: string): GrpcProtocol {
  return {
    routes: compileGrpcRoutes(
      message.routes.map((route, i) => decodeGrpcRoute(route, `${field}.routes[${i}]`)),
    ),
    failureAccrual: decodeFailureAccrual(message.failureAccrual, `${field}.failure_accrual`),
  };
}

function decodeHttpRoute(message: HttpRoute, field: string): OutboundHttpRoute {
  return {
    meta: decodeFullMeta(message.metadata, `${field}.metadata`),
    hosts: message.hosts.map((host, i) => decodeHost(host, `${field}.hosts[${i}]`)),
    rules: message.rules.map((rule, i) => {
      const at = `${field}.rules[${i}]`;
      return {
        matches: rule.matches.map((match, j) => decodeHttpMatch(match, `${at}.matches[${j}]`)),
        filters: rule.filters.map((filter, j) => decodeHttpFilter(filter, `${at}.filters[${j}]`)),
        distribution: decodeDistribution(rule.backends, decodeHttpFilter, `${at}.backends`),
        timeouts: decodeTimeouts(rule.timeouts, rule.requestTimeout, `${at}.timeouts`),
        retry: decodeHttpRetry(rule.retry, `${at}.retry`),
        allowL5dHeaders: rule.allowL5dRequestHeaders,
      };
    }),
  };
}

function decodeGrpcRoute(message: GrpcRoute, field: string): OutboundGrpcRoute {
  return {
    meta: decodeFullMeta(message.metadata, `${field}.metadata`),
    hosts: message.hosts.map((host, i) => decodeHost(host, `${field}.hosts[${i}]`)),
    rules: message.rules.map((rule, i) => {
      const at = `${field}.rules[${i}]`;
      return {
        matches: rule.matches.map((match, j) => decodeGrpcMatch(match, `${at}.matches[${j}]`)),
        filters: rule.filters.map((filter, j) => decodeGrpcFilter(filter, `${at}.filters[${j}]`)),
        distribution: decodeDistribution(rule.backends, decodeGrpcFilter, `${at}.backends`),
        timeouts: decodeTimeouts(rule.timeouts, rule.requestTimeout, `${at}.timeouts`),
        retry: decodeGrpcRetry(rule.retry, `${at}.retry`),
        allowL5dHeaders: rule.allowL5dRequestHeaders,
      };
    }),
  };
}

function decodeOpaque(message: ProxyProtocol_Opaque, field: string): OpaqueProtocol {
  const [route, ...more] = message.routes;
  if (more.length > 0) invalid(`${field}.routes`, 'has more than one route');
  return { route: route === undefined ? null : decodeOpaqueRoute(route, `${field}.routes[0]`) };
}

function decodeTlsRoute(message: TlsRouteMessage, field: string): TlsRoute {
  const snis = message.snis.map((sni, i) => decodeHost(sni, `${field}.snis[${i}]`));
  return { ...decodeOpaqueRoute(message, field), snis };
}

function decodeOpaqueRoute(message: OpaqueRouteMessage | TlsRouteMessage, field: string): OpaqueRoute {
  const [rule, ...more] = message.rules;
  if (rule === undefined || more.length > 0)
    return invalid(`${field}.rules`, 'does not hold exactly one rule');
  return {
    meta: decodeFullMeta(message.metadata, `${field}.metadata`),
    filters: rule.filters.map(decodeConnectionFilter),
    distribution: decodeDistribution(rule.backends, decodeConnectionFilter, `${field}.rules[0].backends`),
  };
}
