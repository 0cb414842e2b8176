import type { ProxyError } from '../errors/proxy-error.ts';
import { ErrorCode } from '../http2/error-code.ts';

function resetLabel(code: number | undefined): string {
  switch (code) {
    case ErrorCode.Cancel:
      return 'CANCEL';
    case ErrorCode.RefusedStream:
      return 'REFUSED';
    case ErrorCode.EnhanceYourCalm:
      return 'ENHANCE_YOUR_CALM';
    default:
      return 'RESET';
  }
}

const timeoutLabels = {
  request: 'REQUEST_TIMEOUT',
  response: 'RESPONSE_STREAM_TIMEOUT',
  idle: 'IDLE_TIMEOUT',
  headers: 'RESPONSE_HEADERS_TIMEOUT',
} as const;

/** The `error` label of the route and backend families. */
export function routeErrorLabel(error: ProxyError): string {
  switch (error.code) {
    case 'fail-fast':
      return 'FAIL_FAST';
    case 'load-shed':
      return 'LOAD_SHED';
    case 'response-timeout':
    case 'profile-timeout':
      return timeoutLabels[error.details.timeout ?? 'request'];
    case 'reset':
      return resetLabel(error.details.resetCode);
    case 'io':
    case 'connect-timeout':
      return 'IO';
    default:
      return 'UNKNOWN';
  }
}
