import type { GrpcProtocol, HttpProtocol, OutboundPolicy } from '@weft/policy';
import type { HttpVersion } from '../http/message.ts';

/** The routes that a policy has for requests of one version. */
export type HttpRouting =
  | ({ readonly kind: 'http' } & HttpProtocol)
  | ({ readonly kind: 'grpc' } & GrpcProtocol)
  | { readonly kind: 'invalid'; readonly reason: string };

export function httpRouting({ protocol }: OutboundPolicy, version: HttpVersion): HttpRouting {
  switch (protocol.kind) {
    case 'detect':
      return { kind: 'http', ...(version === '2' ? protocol.http2 : protocol.http1) };
    case 'http1':
    case 'http2':
      return { ...protocol, kind: 'http' };
    case 'grpc':
    case 'invalid':
      return protocol;
    default:
      return { kind: 'invalid', reason: `the destination's policy is ${protocol.kind}` };
  }
}
