import type { Config } from '../config/config.ts';
import type { Logger } from '../log/logger.ts';
import { type Listener, listenTcp } from '../transport/listener.ts';

export interface Listeners {
  readonly inbound: Listener;
  readonly outbound: readonly Listener[];
  readonly admin: Listener;
  /** null: nobody may tap. */
  readonly tap: Listener | null;
}

/** Whoever may tap needs one, and many at once are nobody who may. */
const maxTapConnections = 256;

/** Binds every socket, so that a port in use is known before anything else starts. Rejects with a BindError. */
export async function bindListeners(
  { inbound, outbound, admin, tap }: Config,
  log: Logger,
): Promise<Listeners> {
  const listeners = {
    admin: await listenTcp(admin.listen, { name: 'admin', log }),
    tap:
      tap === null
        ? null
        : await listenTcp(tap.listen, { name: 'tap', log, maxConnections: maxTapConnections }),
    inbound: await listenTcp(inbound.listen, {
      name: 'inbound',
      log,
      backlog: inbound.backlog,
      ...inbound.accept,
    }),
    outbound: await Promise.all(
      outbound.listen.map((address) =>
        listenTcp(address, { name: 'outbound', log, backlog: outbound.backlog, ...outbound.accept }),
      ),
    ),
  };
  log.info('Admin interface', { listen: text(listeners.admin) });
  log.info('Inbound interface', { listen: text(listeners.inbound) });
  for (const listener of listeners.outbound) log.info('Outbound interface', { listen: text(listener) });
  if (listeners.tap !== null) log.info('Tap interface', { listen: text(listeners.tap) });
  return listeners;
}

const text = ({ address }: Listener): string => `${address.ip}:${address.port}`;
