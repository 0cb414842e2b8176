import type { StreamReset } from '../http/stream.ts';
import { ConnectError } from '../transport/connect-error.ts';
import { ProxyError } from './proxy-error.ts';

/** What a response that broke off, or a connection that could not be had, means for the client. */
export function explainReset(reset: StreamReset): ProxyError {
  switch (reset.kind) {
    case 'reset':
      return new ProxyError('reset', 'unexpected error', { resetCode: reset.code });
    case 'protocol':
      return new ProxyError('io', reset.reason);
    case 'io':
      return explainError(reset.error);
  }
}

function explainError(error: Error): ProxyError {
  if (error instanceof ProxyError) return error;
  if (!(error instanceof ConnectError)) return new ProxyError('io', error.message, { cause: error });
  switch (error.code) {
    case 'timeout':
      return new ProxyError('connect-timeout', error.message, { cause: error });
    case 'inbound-loop':
      return new ProxyError('loop', error.message, { cause: error });
    default:
      return new ProxyError('io', error.message, { cause: error });
  }
}
