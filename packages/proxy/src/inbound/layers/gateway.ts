import { ProxyError } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import { setHeader } from '../../http/headers.ts';
import type { HeaderList } from '../../http/message.ts';
import type { InboundExchange } from '../inbound-exchange.ts';

/**
 * Leads a request for another service on to it, and notes that in `forwarded` (RFC 7239), by which it is
 * known when it comes here again. `localId`: this proxy's identity.
 */
export function leadThrough(localId: string, now: () => number): Layer<InboundExchange> {
  return {
    name: 'gateway',
    onRequest(x) {
      const { client, passage, peer, target } = x.connection;
      const clientId = client.tls.kind === 'mutual' ? client.tls.id : null;
      if (passage === null || clientId === null)
        return x.fail(new ProxyError('unexpected', 'this connection does not pass through'));
      const { headers, version } = x.request;
      if (clientId === localId || wasHere(headers, localId))
        return x.fail(new ProxyError('gateway-loop', 'gateway loop detected'));
      headers.push('forwarded', `by=${localId};for=${clientId};host=${passage.host};proto=https`);
      // Its own went when the client's proxy addressed this gateway in the service's place.
      if (version !== '2') setHeader(headers, 'host', passage.host);
      const through = passage.client(x, peer, target);
      if (through === null)
        return x.fail(new ProxyError('gateway-domain', `the gateway does not lead to ${passage.host}`));
      return x.dispatch(through, now());
    },
  };
}

function wasHere(headers: HeaderList, localId: string): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === 'forwarded' && passedBy(headers[i + 1], localId)) return true;
  }
  return false;
}

/** Several proxies may share a field, and a quoted value is the same value. */
function passedBy(value: string, localId: string): boolean {
  return value.split(/[;,]/).some((pair) => {
    const [name = '', by = ''] = pair.split('=');
    return name.trim().toLowerCase() === 'by' && by.trim().replace(/^"(.*)"$/, '$1') === localId;
  });
}
