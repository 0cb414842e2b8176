import type { ProxyErrorCode } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import type { OutboundMetrics } from '../metrics.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';

function errorLabel(code: ProxyErrorCode): string {
  switch (code) {
    case 'load-shed':
      return 'loadshed';
    case 'fail-fast':
      return 'failfast';
    case 'identity-required':
      return 'identity required';
    case 'io':
    case 'connect-timeout':
      return 'i/o';
    case 'response-timeout':
    case 'profile-timeout':
      return 'response timeout';
    default:
      return 'unexpected';
  }
}

export function countErrors(metrics: OutboundMetrics): Layer<OutboundExchange> {
  return {
    name: 'count-errors',
    onEnd(x, _trailers, error) {
      if (error === null || x.response !== null || error.code === 'reset') return;
      metrics.httpErrors.with(`error="${errorLabel(error.code)}"`).inc();
    },
  };
}
