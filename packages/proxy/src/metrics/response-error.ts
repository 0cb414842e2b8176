import type { ProxyError } from '../errors/proxy-error.ts';
import { errorCodeName } from '../http2/error-code.ts';

/** The `error` label of response_total. */
export function errorLabelOf(error: ProxyError): string {
  switch (error.code) {
    case 'response-timeout':
    case 'profile-timeout':
      return 'timeout';
    case 'reset':
      return `h2(${errorCodeName(error.details.resetCode ?? 2)})`;
    default:
      return 'unclassified';
  }
}
