import { formatMeta } from '@weft/policy';
import type { ProxyError } from '../../errors/proxy-error.ts';
import { isOfConnection, type SynthesizedResponse, synthesize } from '../../errors/respond.ts';
import type { Layer } from '../../exchange/layer.ts';
import { ErrorCode } from '../../http2/error-code.ts';
import { formatAddress } from '../../transport/socket-address.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';

/** Failures become answers that say what was tried. */
export const rescue: Layer<OutboundExchange> = {
  name: 'rescue',
  rescue: (x, error) => answer(x, error),
};

/**
 * An endpoint that cannot be spoken to has answered 502 or 504: that is what its metrics show, and what is
 * looked at when the request may be sent again.
 */
export const rescueEndpoint: Layer<OutboundExchange> = {
  name: 'rescue-endpoint',
  rescue: (x, error) => (isOfConnection(error) || isBrokenUpgrade(x, error) ? answer(x, error) : null),
};

/** HTTP/1 knows no resets. A refused stream was not touched by the endpoint: it stays what it is. */
const isBrokenUpgrade = ({ upgraded }: OutboundExchange, { code, details }: ProxyError): boolean =>
  upgraded && code === 'reset' && details.resetCode !== ErrorCode.RefusedStream;

function answer(x: OutboundExchange, error: ProxyError): SynthesizedResponse {
  const { endpoint } = x;
  if (endpoint !== null && error.code !== 'redirect')
    error.within(`endpoint ${formatAddress(endpoint.info.endpoint)}`);
  if (x.backendMeta !== null) error.within(`backend ${formatMeta(x.backendMeta)}`);
  if (x.routeMeta !== null) error.within(`route ${formatMeta(x.routeMeta)}`);
  if (x.target !== null) error.within(`logical service ${x.target.name}`);
  return synthesize(error, x.request, x.informational, x.upgraded);
}
