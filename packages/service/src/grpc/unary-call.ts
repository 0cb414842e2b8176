import { type DescMethodUnary, toBinary } from '@bufbuild/protobuf';
import { type handleUnaryCall, status } from '@grpc/grpc-js';
import type { Logger } from '../log/logger.ts';
import { callContext } from './call-context.ts';
import type { UnaryHandler } from './handlers.ts';
import type { MethodMetrics } from './metrics.ts';
import type { OpenCalls } from './open-calls.ts';
import { decodeRequest } from './service-definition.ts';
import { logFailure, toGrpcStatus } from './status.ts';

export interface UnaryWiring {
  readonly calls: OpenCalls;
  readonly metrics: MethodMetrics;
  readonly logger: Logger;
}

/** One unary method as grpc-js calls it. */
export function unaryCallHandler<M extends DescMethodUnary>(
  method: M,
  handler: UnaryHandler<M>,
  { calls, metrics, logger }: UnaryWiring,
): handleUnaryCall<Uint8Array, Uint8Array> {
  return async (call, respond) => {
    const begun = performance.now();
    const seconds = () => (performance.now() - begun) / 1000;
    const controller = new AbortController();
    metrics.started();
    metrics.received();
    calls.add(controller);
    call.on('cancelled', () => controller.abort(new Error('the peer has gone')));
    const context = callContext(call, controller.signal);
    try {
      const answer = await handler(decodeRequest(method, call.request), context);
      const bytes = answer instanceof Uint8Array ? answer : toBinary(method.output, answer);
      if (call.cancelled) metrics.handled(cancelledBy(call.getDeadline()), seconds());
      else {
        respond(null, bytes);
        metrics.sent();
        metrics.handled(status.OK, seconds());
      }
    } catch (error) {
      logFailure(logger, context.peer, error);
      const failure = toGrpcStatus(error);
      metrics.handled(call.cancelled ? cancelledBy(call.getDeadline()) : failure.code, seconds());
      respond(failure);
    } finally {
      calls.remove(controller);
    }
  };
}

/** Why a call was over before its answer: its deadline, or its peer. */
export function cancelledBy(deadline: Date | number): status {
  return Number(deadline) <= Date.now() ? status.DEADLINE_EXCEEDED : status.CANCELLED;
}
