import type { Meta, OutboundGrpcRule, OutboundHttpRule, ProfileRoute } from '@weft/policy';
import type { ProxyError } from '../errors/proxy-error.ts';
import { BalancedExchange } from '../exchange/balanced-exchange.ts';
import type { Filter } from '../exchange/filters.ts';
import type { Stack } from '../exchange/layer.ts';
import type { HttpVersion, RequestHead } from '../http/message.ts';
import type { ResponseStream } from '../http/stream.ts';
import type { SocketAddress } from '../transport/connection.ts';
import type { EndpointInfo } from './endpoint-info.ts';
import type { LogicalTarget } from './logical-target.ts';
import type { Lease } from './logical-targets.ts';
import type { OutboundBackendCounts, OutboundRouteCounts } from './metrics.ts';
import type { ProfileRouting } from './profile-routing.ts';
import type { StreamTimers } from './stream-timers.ts';

/** One connection of the application that carries HTTP. */
export interface OutboundConnection {
  readonly peer: SocketAddress;
  /** Where it was going. */
  readonly target: SocketAddress;
  /** null where each request says for itself what it is for (ingress mode). */
  readonly logical: LogicalTarget | null;
  /** Whether the application may be told why the proxy refuses. */
  readonly informational: boolean;
}

export type OutboundRule = OutboundHttpRule | OutboundGrpcRule;

/** A request of the application on its way into the mesh. */
export class OutboundExchange extends BalancedExchange<EndpointInfo> {
  readonly connection: OutboundConnection;
  readonly startedAt: number;
  /** The version in which the application asked. */
  readonly asked: HttpVersion;
  /** What the request is for; null while that is being found out. */
  target: LogicalTarget | null;
  /** Holds `target`, where the request and not its connection does. */
  lease: Lease | null = null;
  inFlight = false;
  /** Value of `l5d-require-id`. */
  requiredId: string | null = null;
  routeMeta: Meta | null = null;
  rule: OutboundRule | null = null;
  /** The profile that routes it, in the place of the policy. */
  profile: ProfileRouting | null = null;
  profileRoute: ProfileRoute | null = null;
  matchedPathLength = -1;
  backendMeta: Meta | null = null;
  backendFilters: readonly Filter[] = [];
  /** The chosen backend only fails, with this message. */
  failMessage: string | null = null;
  routeCounts: OutboundRouteCounts | null = null;
  /** Why the destination's policy cannot be carried out, where it cannot. */
  invalidPolicy: string | null = null;
  /** The host that was asked for, where metrics show it. */
  hostname = '';
  backendCounts: OutboundBackendCounts | null = null;
  /** The request that decides whether its endpoint is taken into use again. */
  probe = false;
  /** Time limits under way. */
  timers: StreamTimers | null = null;
  /** One of them has passed. */
  overdue = false;
  /** The timer for the head of the response, on a route of a profile. */
  headTimer: unknown = null;
  /** Sent as HTTP/2 although it came as HTTP/1. */
  upgraded = false;
  /** Why there is no answer, or only a part of one; for whoever it belongs to, where nothing rescues it. */
  failure: ProxyError | null = null;

  constructor(
    stack: Stack<OutboundExchange>,
    connection: OutboundConnection,
    request: RequestHead,
    requestEnded: boolean,
    downstream: ResponseStream,
    now: number,
  ) {
    super(stack as Stack<never>, request, requestEnded, downstream);
    this.connection = connection;
    this.target = connection.logical;
    this.asked = request.version;
    this.startedAt = now;
  }

  /** The request that this is an attempt of; itself where it is sent once. */
  get whole(): OutboundExchange {
    return this;
  }

  /** For the layers below the one that finds the target. */
  get logical(): LogicalTarget {
    if (this.target === null) throw new Error('what the request is for has not been found yet');
    return this.target;
  }

  override get informational(): boolean {
    return this.connection.informational;
  }

  /** A broken stream is passed on only to clients that speak HTTP/2 themselves. */
  protected override passesResets(): boolean {
    return this.asked === '2';
  }
}
