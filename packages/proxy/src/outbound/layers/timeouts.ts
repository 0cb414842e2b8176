import type { Clock } from '../../balance/balancer.ts';
import { MAX_TIMER_MS } from '../../config/values/duration.ts';
import { ProxyError } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import type { HeaderList } from '../../http/message.ts';
import { formatMs } from '../format-ms.ts';
import type { OutboundExchange, OutboundRule } from '../outbound-exchange.ts';
import { type StreamLimit, type StreamLimits, StreamTimers } from '../stream-timers.ts';
import { takeDuration } from '../take-header.ts';

const limitNames = {
  request: 'request timeout',
  response: 'response timeout',
  idle: 'idle timeout',
} as const;

/** The time limits of the rule that takes the request, or of its profile's route. */
export function timeouts(clock: Clock): Layer<OutboundExchange> {
  return {
    name: 'timeouts',
    onRequest(x) {
      if (x.rule !== null) {
        const limits = limitsOf(x.rule, x.request.headers);
        if (limits !== null) {
          x.timers = new StreamTimers(limits, clock, (limit, ms) => {
            x.overdue = true;
            x.fail(passed(x, limit, ms));
          });
        }
      } else if (x.profileRoute?.timeoutMs != null) {
        const { timeoutMs } = x.profileRoute;
        x.headTimer = clock.setTimeout(
          () => {
            const text = `HTTP response timeout after ${formatMs(timeoutMs)}`;
            x.fail(new ProxyError('profile-timeout', text));
          },
          Math.min(timeoutMs, MAX_TIMER_MS),
        );
      }
    },
    onRequestFrame(x) {
      x.timers?.frame();
    },
    onRequestEnd(x) {
      x.timers?.requestEnded();
    },
    onResponseHead(x) {
      x.timers?.responseStarted();
      stopHeadTimer(x);
    },
    onResponseFrame(x) {
      x.timers?.frame();
    },
    onEnd(x) {
      x.timers?.stop();
      stopHeadTimer(x);
    },
  };

  function stopHeadTimer(x: OutboundExchange): void {
    if (x.headTimer === null) return;
    clock.clearTimeout(x.headTimer);
    x.headTimer = null;
  }
}

function passed(x: OutboundExchange, limit: StreamLimit, ms: number): ProxyError {
  const waiting = x.response === null ? 'waiting for response headers' : 'processing response stream';
  const text = `timed out ${waiting}: ${limitNames[limit]}: ${formatMs(ms)}`;
  return new ProxyError('response-timeout', text, { timeout: limit });
}

/** The rule's own, or what the application asks for where it may. null: none at all. */
function limitsOf(
  { timeouts: own, allowL5dHeaders }: OutboundRule,
  headers: HeaderList,
): StreamLimits | null {
  const limits = allowL5dHeaders
    ? {
        requestMs: askedRequestMs(headers) ?? own.requestMs,
        responseMs: takeDuration(headers, 'l5d-response-timeout') ?? own.responseMs,
        idleMs: own.idleMs,
      }
    : own;
  const { requestMs, responseMs, idleMs } = limits;
  return requestMs === null && responseMs === null && idleMs === null ? null : limits;
}

/** Two names for the same; both are taken off the request. */
function askedRequestMs(headers: HeaderList): number | null {
  const older = takeDuration(headers, 'l5d-timeout');
  return takeDuration(headers, 'l5d-request-timeout') ?? older;
}
