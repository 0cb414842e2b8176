export type { Endpoint, EndpointTls, Http2Params } from './endpoint/endpoint.ts';
export type { HeaderList } from './headers.ts';
export type { Authentication, Authorization, Client, ClientTls } from './inbound/authorization.ts';
export type {
  InboundGrpcRoute,
  InboundGrpcRoutes,
  InboundHttpRoute,
  InboundHttpRoutes,
  InboundRule,
  RateLimit,
  ServerPolicy,
  ServerProtocol,
} from './inbound/server-policy.ts';
export { defaultMeta, formatMeta, type Meta } from './meta.ts';
export type { NetworkSet } from './net/network-set.ts';
export type {
  Backend,
  Dispatcher,
  Distribution,
  LoadParams,
  Queue,
  RouteBackend,
  WeightedRouteBackend,
} from './outbound/backend.ts';
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
export type {
  Profile,
  ProfileRoute,
  ProfileTarget,
  RequestMatch,
  ResponseClass,
  ResponseMatch,
  RetryBudget,
} from './profile/profile.ts';
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
export type { RouteEntry, RouteMatch, RouteTable } from './route/route-table.ts';
