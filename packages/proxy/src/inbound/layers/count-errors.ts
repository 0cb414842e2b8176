import type { ProxyErrorCode } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import type { InboundExchange } from '../inbound-exchange.ts';

/** The `error` label; refusals by policy have families of their own and none here. */
function errorLabel(code: ProxyErrorCode): string | null {
  switch (code) {
    case 'unauthorized':
    case 'no-route':
      return null;
    case 'load-shed':
      return 'loadshed';
    case 'fail-fast':
      return 'failfast';
    case 'gateway-loop':
      return 'gateway loop';
    case 'gateway-domain':
      return 'gateway domain invalid';
    case 'io':
    case 'connect-timeout':
      return 'i/o';
    default:
      return 'unexpected';
  }
}

export const countErrors: Layer<InboundExchange> = {
  name: 'count-errors',
  onEnd(x, _trailers, error) {
    if (error === null || x.response !== null || error.code === 'reset') return;
    const label = errorLabel(error.code);
    if (label !== null) x.connection.scope.error(x.policy, label);
  },
};
