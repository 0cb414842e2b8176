import type { Authorization, Client, ServerPolicy } from '@weft/policy';
import { BalancedExchange } from '../exchange/balanced-exchange.ts';
import type { Stack } from '../exchange/layer.ts';
import type { RequestHead } from '../http/message.ts';
import type { ResponseStream } from '../http/stream.ts';
import type { AccessRecord } from '../log/access-line.ts';
import type { RouteMatch } from '../profile/watched-profile.ts';
import type { SocketAddress } from '../transport/connection.ts';
import type { ConnectionProfiles } from './connection-profiles.ts';
import type { LocalBalancer, LocalTarget, LocalVersion } from './local-targets.ts';
import type { Passage } from './ports.ts';
import type { InboundRoute, RouteSeries, Scope } from './scope.ts';

/** One inbound connection that carries HTTP: who is at the other end, and for whom it is meant. */
export interface InboundConnection {
  readonly peer: SocketAddress;
  readonly client: Client;
  /** Where the client meant to connect to. */
  readonly target: SocketAddress;
  /** The policy in force at this moment. */
  readonly policy: { readonly current: ServerPolicy };
  readonly scope: Scope;
  /** null where requests are not for services (the admin port). */
  readonly profiles: ConnectionProfiles | null;
  /** For another service than this pod's: the way to it. */
  readonly passage: Passage | null;
  /** The application, in the version of HTTP that the request is in. */
  localTarget(version: LocalVersion): LocalBalancer;
}

/** A request on its way from the mesh to the application. */
export class InboundExchange extends BalancedExchange<LocalTarget> {
  readonly connection: InboundConnection;
  /** The policy that the request came under; later changes do not touch it. */
  readonly policy: ServerPolicy;
  readonly startedAt: number;
  /** The request came as HTTP/1 inside HTTP/2. */
  upgraded = false;
  route: InboundRoute | null = null;
  matchedPathLength = -1;
  filters: InboundRoute['rules'][number]['filters'] = [];
  /** What admitted the request. */
  authorization: Authorization | null = null;
  series: RouteSeries | null = null;
  /** How long the request took is counted. */
  requestTimed = false;
  /** The route of the service profile that takes the request. */
  profile: RouteMatch | null = null;
  inFlight = false;
  /** What the access log is to say of the request. */
  access: Omit<AccessRecord, 'response'> | null = null;

  constructor(
    stack: Stack<InboundExchange>,
    connection: InboundConnection,
    request: RequestHead,
    requestEnded: boolean,
    downstream: ResponseStream,
    now: number,
  ) {
    super(stack as Stack<never>, request, requestEnded, downstream);
    this.connection = connection;
    this.policy = connection.policy.current;
    this.startedAt = now;
  }

  override get informational(): boolean {
    const { tls } = this.connection.client;
    return tls.kind === 'mutual' && tls.id !== null;
  }
}
