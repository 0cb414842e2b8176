import type { Clock } from '../../balance/balancer.ts';
import { MAX_TIMER_MS, parseDuration } from '../../config/values/duration.ts';
import { ProxyError } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import { getHeader, removeHeader } from '../../http/headers.ts';
import type { HeaderList } from '../../http/message.ts';
import type { OutboundExchange, OutboundRule } from '../outbound-exchange.ts';
import { type StreamLimit, type StreamLimits, StreamTimers } from '../stream-timers.ts';

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
        if (limits !== null)
          x.timers = new StreamTimers(limits, clock, (limit, ms) => x.fail(passed(x, limit, ms)));
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
        requestMs: takeLast(headers, ['l5d-timeout', 'l5d-request-timeout']) ?? own.requestMs,
        responseMs: takeLast(headers, ['l5d-response-timeout']) ?? own.responseMs,
        idleMs: own.idleMs,
      }
    : own;
  const { requestMs, responseMs, idleMs } = limits;
  return requestMs === null && responseMs === null && idleMs === null ? null : limits;
}

/** Takes fields off the request; the last that holds a duration counts. */
function takeLast(headers: HeaderList, names: readonly string[]): number | null {
  let found: number | null = null;
  for (const name of names) {
    const text = getHeader(headers, name);
    if (text === undefined) continue;
    removeHeader(headers, name);
    found = readDuration(text) ?? found;
  }
  return found;
}

/** What cannot be read is as good as not there. */
function readDuration(text: string): number | null {
  try {
    return parseDuration(text);
  } catch {
    return null;
  }
}

/** `250ms`, `1.5s`. */
const formatMs = (ms: number): string => (ms < 1000 ? `${ms}ms` : `${ms / 1000}s`);
