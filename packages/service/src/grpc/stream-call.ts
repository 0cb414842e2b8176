import type { DescMethodServerStreaming } from '@bufbuild/protobuf';
import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import type { Gauge } from 'prom-client';
import type { Logger } from '../log/logger.ts';
import { callContext } from './call-context.ts';
import type { Cursor } from './cursor.ts';
import type { StreamHandler } from './handlers.ts';
import type { MethodMetrics } from './metrics.ts';
import type { OpenCalls } from './open-calls.ts';
import { decodeRequest } from './service-definition.ts';
import { type GrpcStatus, logFailure, okStatus, toGrpcStatus } from './status.ts';
import { StreamPump, type StreamTransport } from './stream-pump.ts';
import { cancelledBy } from './unary-call.ts';

export interface StreamWiring {
  readonly calls: OpenCalls;
  readonly metrics: MethodMetrics;
  readonly streams: Gauge;
  readonly logger: Logger;
}

type RawStream = ServerWritableStream<Uint8Array, Uint8Array>;

/** One server-streaming method as grpc-js calls it: the stream is the adapter's, the state is the cursor's. */
export function streamCallHandler<M extends DescMethodServerStreaming>(
  method: M,
  handler: StreamHandler<M>,
  { calls, metrics, streams, logger }: StreamWiring,
): handleServerStreamingCall<Uint8Array, Uint8Array> {
  return async (call) => {
    const begun = performance.now();
    const controller = new AbortController();
    metrics.started();
    metrics.received();
    streams.inc();
    calls.add(controller);
    const ended = (status: GrpcStatus | undefined) => {
      calls.remove(controller);
      streams.dec();
      const code = status?.code ?? cancelledBy(call.getDeadline());
      metrics.handled(code, (performance.now() - begun) / 1000);
      controller.abort(new Error('the stream has ended'));
    };
    let pump: StreamPump | undefined;
    call.on('cancelled', () => {
      controller.abort(new Error('the peer has gone'));
      pump?.cancel();
    });

    const context = callContext(call, controller.signal);
    let cursor: Cursor;
    try {
      cursor = await handler(decodeRequest(method, call.request), context);
    } catch (error) {
      logFailure(logger, context.peer, error);
      const failure = toGrpcStatus(error);
      ended(call.cancelled ? undefined : failure);
      endCall(call, failure);
      return;
    }
    const forget = calls.addStream(() => pump?.end(okStatus));
    pump = new StreamPump(cursor, transportOf(call, metrics), {
      onError: (error) => logFailure(logger, context.peer, error),
      onEnd: (status) => {
        forget();
        ended(status);
      },
    });
    pump.start();
    if (call.cancelled) pump.cancel();
    else if (calls.draining) pump.end(okStatus);
  };
}

function transportOf(call: RawStream, metrics: MethodMetrics): StreamTransport {
  return {
    write: (message, sent) => {
      call.write(message, () => {
        metrics.sent();
        sent();
      });
    },
    end: (status) => endCall(call, status),
  };
}

function endCall(call: RawStream, status: GrpcStatus): void {
  if (status.code === okStatus.code) call.end();
  else call.emit('error', status);
}
