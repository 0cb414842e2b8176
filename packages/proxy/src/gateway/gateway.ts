import { isUnder, type NamedDestination } from '../discovery/destination.ts';
import { DiscoveryError } from '../discovery/discovery-error.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { StackClient } from '../exchange/stack-client.ts';
import type { HttpClient } from '../http/stream.ts';
import type { Gateway, Passage } from '../inbound/ports.ts';
import { forwardConnection, type OutboundServerDeps } from '../outbound/carry-connection.ts';
import type { LogicalTarget } from '../outbound/logical-target.ts';
import type { Lease } from '../outbound/logical-targets.ts';
import { OutboundExchange } from '../outbound/outbound-exchange.ts';
import type { SocketAddress } from '../transport/connection.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';

/** Leads what comes in for other services out again, the way the outbound side would. */
export class OutboundGateway implements Gateway {
  readonly #suffixes: readonly string[];
  readonly #outbound: OutboundServerDeps;

  /** `suffixes`: of the names this gateway stands for. `outbound`: targets routed by profiles, and their stack. */
  constructor(suffixes: readonly string[], outbound: OutboundServerDeps) {
    this.#suffixes = suffixes;
    this.#outbound = outbound;
  }

  allows({ host }: NamedDestination): boolean {
    return isUnder(this.#suffixes, host);
  }

  async open(destination: NamedDestination): Promise<Passage> {
    const lease = this.#outbound.targets.acquire(destination);
    try {
      return new OutboundPassage(destination, lease, await known(lease), this.#outbound);
    } catch (error) {
      lease.release();
      throw error;
    }
  }
}

/** null: the control plane knows nothing of it. */
async function known(lease: Lease): Promise<LogicalTarget | null> {
  try {
    return await lease.target;
  } catch (error) {
    if (error instanceof DiscoveryError && error.code === 'unknown') return null;
    throw error;
  }
}

class OutboundPassage implements Passage {
  readonly host: string;
  readonly #lease: Lease;
  readonly #logical: LogicalTarget | null;
  readonly #outbound: OutboundServerDeps;

  constructor(
    { host, port }: NamedDestination,
    lease: Lease,
    logical: LogicalTarget | null,
    outbound: OutboundServerDeps,
  ) {
    this.host = port === 80 ? host : `${host}:${port}`;
    this.#lease = lease;
    this.#logical = logical;
    this.#outbound = outbound;
  }

  client(x: Exchange, peer: SocketAddress, target: SocketAddress): HttpClient | null {
    const logical = this.#logical;
    if (logical === null || !leadsSomewhere(logical)) return null;
    const { now, stack } = this.#outbound;
    const connection = { peer, target, logical, informational: x.informational };
    return new StackClient(
      x,
      (head, ended, downstream) => new OutboundExchange(stack, connection, head, ended, downstream, now()),
    );
  }

  async forward(connection: SocketConnection): Promise<void> {
    const logical = this.#logical;
    if (logical === null || !leadsSomewhere(logical)) {
      connection.destroy();
      return;
    }
    await forwardConnection(this.#outbound, connection, logical, logical.opaqueRoute());
  }

  release(): void {
    this.#lease.release();
  }
}

/** Only for what has a profile, which names a service or an endpoint. */
function leadsSomewhere({ discovered }: LogicalTarget): boolean {
  const profile = discovered.profile.current;
  return profile !== null && (profile.fqn !== null || profile.endpoint !== null);
}
