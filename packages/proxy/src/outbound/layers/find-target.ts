import { type Destination, parseNamedDestination } from '../../discovery/destination.ts';
import { ProxyError } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import { getHeader, removeHeader } from '../../http/headers.ts';
import type { LogicalTarget } from '../logical-target.ts';
import type { LogicalTargets } from '../logical-targets.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';

const overrideHeader = 'l5d-dst-override';

/**
 * Finds what a request is for, in ingress mode: the service that `l5d-dst-override` names, else where its
 * connection was going. Each request holds its target until it is over.
 */
export function findTarget(targets: LogicalTargets): Layer<OutboundExchange> {
  return {
    name: 'find-target',
    onRequest(x) {
      const destination = destinationOf(x);
      if (destination === null) {
        return x.fail(new ProxyError('bad-request', `${overrideHeader} is no host:port`));
      }
      x.lease = targets.acquire(destination);
      if (x.lease.known !== null) {
        x.target = x.lease.known;
        return undefined;
      }
      x.lease.target.then(
        (target) => proceedTo(x, target),
        (cause: Error) => x.fail(new ProxyError('unexpected', cause.message, { cause })),
      );
      return 'wait';
    },
    onEnd(x) {
      x.lease?.release();
      x.lease = null;
    },
  };
}

function proceedTo(x: OutboundExchange, target: LogicalTarget): void {
  // The client may have left meanwhile.
  if (x.finished) return;
  x.target = target;
  x.proceed();
}

/** null: the header makes no sense. */
function destinationOf({ request, connection }: OutboundExchange): Destination | null {
  const override = getHeader(request.headers, overrideHeader);
  if (override === undefined) return { kind: 'address', ...connection.target };
  removeHeader(request.headers, overrideHeader);
  return parseNamedDestination(override.trim());
}
