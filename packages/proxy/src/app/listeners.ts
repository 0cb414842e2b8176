import type { Config } from '../config/config.ts';
import type { Logger } from '../log/logger.ts';
import type { ConnectionBalance, Side } from '../threads/connection-balance.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { type Listener, listenTcp } from '../transport/listener.ts';

/** Where the traffic arrives. */
export interface TrafficListeners {
  readonly inbound: Listener;
  readonly outbound: readonly Listener[];
}

export interface Listeners extends TrafficListeners {
  readonly admin: Listener;
  /** null: nobody may tap. */
  readonly tap: Listener | null;
}

export interface TrafficAddresses {
  readonly inbound: SocketAddress;
  readonly outbound: readonly SocketAddress[];
}

/** Whoever may tap needs one, and many at once are nobody who may. */
const maxTapConnections = 256;

/**
 * Binds every socket of the main thread, so that a port in use is known before anything else starts. Rejects with a
 * BindError. `balance`: between the threads that listen to traffic; null for one thread.
 */
export async function bindListeners(
  config: Config,
  balance: ConnectionBalance | null,
  log: Logger,
): Promise<Listeners> {
  const { admin, inbound, outbound, tap } = config;
  const own = {
    admin: await listenTcp(admin.listen, { name: 'admin', log }),
    tap:
      tap === null
        ? null
        : await listenTcp(tap.listen, { name: 'tap', log, maxConnections: maxTapConnections }),
  };
  const wanted = { inbound: inbound.listen, outbound: outbound.listen };
  const listeners = {
    ...own,
    ...(await bindTraffic(balance === null ? wanted : await probe(wanted, log), config, balance, log)),
  };
  log.info('Admin interface', { listen: text(listeners.admin) });
  log.info('Inbound interface', { listen: text(listeners.inbound) });
  for (const listener of listeners.outbound) log.info('Outbound interface', { listen: text(listener) });
  if (listeners.tap !== null) log.info('Tap interface', { listen: text(listeners.tap) });
  return listeners;
}

/** Binds what one thread takes traffic from. */
export async function bindTraffic(
  addresses: TrafficAddresses,
  { inbound, outbound }: Config,
  balance: ConnectionBalance | null,
  log: Logger,
): Promise<TrafficListeners> {
  const bind = (name: Side, address: SocketAddress): Promise<Listener> => {
    const { accept, backlog } = name === 'inbound' ? inbound : outbound;
    const shared = balance === null ? {} : { reusePort: true, divert: balance.divert.bind(balance, name) };
    return listenTcp(address, { name, log, backlog, ...accept, ...shared });
  };
  balance?.join();
  return {
    inbound: await bind('inbound', addresses.inbound),
    outbound: await Promise.all(addresses.outbound.map((address) => bind('outbound', address))),
  };
}

/** Several may share a port that all of them bind for it; so it is bound once by one who does not share. */
async function probe(wanted: TrafficAddresses, log: Logger): Promise<TrafficAddresses> {
  const free = async (name: Side, address: SocketAddress): Promise<SocketAddress> => {
    const listener = await listenTcp(address, { name, log });
    listener.close();
    return listener.address;
  };
  return {
    inbound: await free('inbound', wanted.inbound),
    outbound: await Promise.all(wanted.outbound.map((address) => free('outbound', address))),
  };
}

const text = ({ address }: Listener): string => `${address.ip}:${address.port}`;
