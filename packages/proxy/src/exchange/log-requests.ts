import type { LogFields, Logger } from '../log/logger.ts';
import type { Exchange } from './exchange.ts';
import type { Layer } from './layer.ts';

/** A debug line for each request when it is over, with what `describe` knows of its way. Near the top. */
export function logOutcome<X extends Exchange>(log: Logger, describe: (x: X) => LogFields): Layer<X> {
  return {
    name: 'log-outcome',
    onEnd(x, _trailers, error) {
      if (!log.enabled('debug')) return;
      const fields = { ...requestFields(x), ...describe(x), status: x.response?.status };
      if (error === null) log.debug('Request finished', fields);
      else log.debug('Request failed', { ...fields, code: error.code, error });
    },
  };
}

/** A debug line for each request when it is known where it goes. Just before it is sent there. */
export function logDispatch<X extends Exchange>(log: Logger, describe: (x: X) => LogFields): Layer<X> {
  return {
    name: 'log-dispatch',
    onRequest(x) {
      if (log.enabled('debug')) log.debug('Request dispatched', { ...requestFields(x), ...describe(x) });
    },
  };
}

const requestFields = ({ request: { method, authority, path } }: Exchange): LogFields => ({
  method,
  authority,
  path,
});
