export { decodeEndpoint } from './endpoint/decode-endpoint.ts';
export type { Endpoint, EndpointTls, Http2Params } from './endpoint/endpoint.ts';
export type { HeaderList } from './headers.ts';
export type { Authentication, Authorization, Client, ClientTls } from './inbound/authorization.ts';
export { authorize } from './inbound/authorize.ts';
export { decodeServer } from './inbound/decode-server.ts';
export {
  type DefaultPolicyOptions,
  type DefaultPolicyWord,
  defaultPolicyWords,
  defaultServerPolicy,
  invalidServerPolicy,
} from './inbound/default-policy.ts';
export { type Bucket, Gcra } from './inbound/gcra.ts';
export { type MakeBucket, type RateLimited, RateLimiter } from './inbound/rate-limiter.ts';
export type {
  InboundGrpcRoute,
  InboundGrpcRoutes,
  InboundHttpRoute,
  InboundHttpRoutes,
  InboundRule,
  RateLimit,
  RateLimitOverride,
  ServerPolicy,
  ServerProtocol,
} from './inbound/server-policy.ts';
export { defaultMeta, formatMeta, type Meta } from './meta.ts';
export { type Cidr, parseCidr } from './net/cidr.ts';
export { encodeTcpAddress } from './net/encode.ts';
export { compileNetworks, type Network, type NetworkSet } from './net/network-set.ts';
export { decodeIp, decodeTcpAddress } from './net/proto.ts';
export type {
  Backend,
  Dispatcher,
  Distribution,
  LoadParams,
  Queue,
  RouteBackend,
  WeightedRouteBackend,
} from './outbound/backend.ts';
export { decodeOutbound } from './outbound/decode-outbound.ts';
export { matchTlsRoute } from './outbound/match-tls.ts';
export type {
  GrpcProtocol,
  HttpProtocol,
  OpaqueProtocol,
  OpaqueRoute,
  OutboundGrpcRoute,
  OutboundGrpcRoutes,
  OutboundGrpcRule,
  OutboundHttpRoute,
  OutboundHttpRoutes,
  OutboundHttpRule,
  OutboundPolicy,
  OutboundProtocol,
  OutboundRule,
  TlsProtocol,
  TlsRoute,
} from './outbound/outbound-policy.ts';
export type { Backoff, FailureAccrual, Retry, StatusRange, Timeouts } from './outbound/resilience.ts';
export { endpointMeta, plainEndpoint, synthesizeNamed, synthesizeOutbound } from './outbound/synthesize.ts';
export { decodeProfile } from './profile/decode-profile.ts';
export { isFailureStatus, matchProfileRoute, matchResponseClass } from './profile/match-profile.ts';
export type {
  Profile,
  ProfileRoute,
  ProfileTarget,
  RequestMatch,
  ResponseClass,
  ResponseMatch,
  RetryBudget,
} from './profile/profile.ts';
export { compileRegex, type Regex } from './regex/regex.ts';
export type {
  ConnectionFilter,
  GrpcFilter,
  HeaderModifier,
  HttpFilter,
  Ratio,
  Redirect,
  UnknownFilter,
} from './route/filter.ts';
export type { GrpcMatch } from './route/grpc-match.ts';
export type { HostMatch } from './route/host-match.ts';
export type { HeaderMatch, HttpMatch, PathMatch, QueryParamMatch, ValueMatch } from './route/http-match.ts';
export { compileGrpcRoutes, matchGrpcRoute } from './route/match-grpc.ts';
export { compileHttpRoutes, matchHttpRoute } from './route/match-http.ts';
export { modifyHeaders } from './route/modify-headers.ts';
export { applyRedirect, type RedirectOutcome, type RedirectRequest } from './route/redirect.ts';
export type { RouteEntry, RouteMatch, RouteTable } from './route/route-table.ts';
