import type { ClientTls } from '@weft/policy';
import { Tap as TapService } from '@weft/proto/tap';
import { type ServerMethod, serverStreaming } from '../grpc/server.ts';
import { GrpcError, StatusCode } from '../grpc/status.ts';
import type { TapMetrics } from './metrics.ts';
import type { Taps } from './taps.ts';

export interface ObserveDeps {
  readonly taps: Taps;
  readonly metrics: TapMetrics;
  /** The only identity that may tap. */
  readonly allowed: string;
}

/** `io.linkerd.proxy.tap.Tap/Observe` for a client that is known this well. */
export function observe({ taps, metrics, allowed }: ObserveDeps, client: ClientTls): ServerMethod {
  return serverStreaming(TapService.method.observe, (request, call) => {
    const refused = whyRefused(client, allowed);
    if (refused !== null) {
      metrics.refusedFor.client.inc();
      call.end({ code: StatusCode.Unauthenticated, message: refused });
      return;
    }
    try {
      const tap = taps.start(request, call);
      call.onDrain = () => tap.drained();
      call.onCancelled = () => tap.close();
      call.begin();
    } catch (error) {
      if (!(error instanceof GrpcError)) throw error;
      call.end({ code: error.code, message: error.message });
    }
  });
}

/** Null for the one who may. */
export function whyRefused(client: ClientTls, allowed: string): string | null {
  if (client.kind !== 'mutual') return client.kind === 'none' ? client.reason : 'TLS for somebody else';
  return client.id === allowed ? null : 'Unauthorized client';
}
