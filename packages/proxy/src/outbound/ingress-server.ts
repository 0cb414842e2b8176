import { defaultMeta } from '@weft/policy';
import { logConnection } from '../server/log-connection.ts';
import type { SocketAddress } from '../transport/connection.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import {
  type ConnectionAcceptor,
  detectVersion,
  forwardConnection,
  type OutboundServerDeps,
  reportFailure,
  serveRequests,
  sourceLabels,
} from './carry-connection.ts';

const parent = defaultMeta('ingress');

/**
 * The outbound side of an ingress, whose requests name the service they are for: every connection is looked
 * into, and what is not HTTP goes where it was going.
 */
export class IngressServer implements ConnectionAcceptor {
  readonly #deps: OutboundServerDeps;

  /** The stack of `deps` finds the target of each request. */
  constructor(deps: OutboundServerDeps) {
    this.#deps = deps;
  }

  async accept(connection: SocketConnection, target: SocketAddress): Promise<void> {
    connection.observe(this.#deps.transport.open(sourceLabels(target)));
    const finished = logConnection(this.#deps.log, connection, target);
    try {
      const found = await detectVersion(this.#deps, connection, parent);
      if (found === 'http1' || found === 'http2')
        await serveRequests(this.#deps, connection, target, null, found);
      else await this.#forward(connection, target);
    } catch (error) {
      connection.destroy();
      reportFailure(this.#deps, target, error);
    } finally {
      finished();
    }
  }

  async #forward(connection: SocketConnection, target: SocketAddress): Promise<void> {
    const lease = this.#deps.targets.acquire({ kind: 'address', ...target });
    try {
      const logical = await lease.target;
      await forwardConnection(this.#deps, connection, logical, logical.opaqueRoute());
    } finally {
      lease.release();
    }
  }
}
