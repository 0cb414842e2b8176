import type { status } from '@grpc/grpc-js';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { statusName } from './status.ts';

const method = ['grpc_type', 'grpc_service', 'grpc_method'] as const;

export type RefusedConnection = 'limit' | 'server_name' | 'certificate' | 'handshake' | 'no_credentials';

/** Metrics of one method, its labels already bound. */
export interface MethodMetrics {
  started(): void;
  received(): void;
  sent(): void;
  handled(code: status, seconds: number): void;
}

/** Linkerd's `grpc_server_*` names and handling-time buckets, and what happens to connections. */
export class GrpcServerMetrics {
  readonly #started;
  readonly #received;
  readonly #sent;
  readonly #handled;
  readonly #seconds;
  readonly connections: Gauge;
  readonly streams: Gauge;
  readonly #refused: Counter<'reason'>;
  #begun = 0;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#started = new Counter({
      name: 'grpc_server_started_total',
      help: 'Calls begun',
      labelNames: method,
      registers,
    });
    this.#received = new Counter({
      name: 'grpc_server_msg_received_total',
      help: 'Messages received',
      labelNames: method,
      registers,
    });
    this.#sent = new Counter({
      name: 'grpc_server_msg_sent_total',
      help: 'Messages sent',
      labelNames: method,
      registers,
    });
    this.#handled = new Counter({
      name: 'grpc_server_handled_total',
      help: 'Calls ended, by status',
      labelNames: [...method, 'grpc_code'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'grpc_server_handling_seconds',
      help: 'Time from begin to end of a call',
      labelNames: method,
      buckets: [0.1, 1, 300, 3600],
      registers,
    });
    this.connections = new Gauge({
      name: 'grpc_server_connections',
      help: 'Connections open now',
      registers,
    });
    this.streams = new Gauge({
      name: 'grpc_server_streams',
      help: 'Server-streaming calls open now',
      registers,
    });
    this.#refused = new Counter({
      name: 'grpc_server_connections_refused_total',
      help: 'Connections refused, by reason',
      labelNames: ['reason'],
      registers,
    });
  }

  /** Calls begun so far, of all methods. */
  get callsBegun(): number {
    return this.#begun;
  }

  refused(reason: RefusedConnection): void {
    this.#refused.inc({ reason });
  }

  forMethod(type: 'unary' | 'server_stream', service: string, name: string): MethodMetrics {
    const labels = { grpc_type: type, grpc_service: service, grpc_method: name };
    const started = this.#started.labels(labels);
    const received = this.#received.labels(labels);
    const sent = this.#sent.labels(labels);
    const seconds = this.#seconds.labels(labels);
    return {
      started: () => {
        this.#begun += 1;
        started.inc();
      },
      received: () => received.inc(),
      sent: () => sent.inc(),
      handled: (code, duration) => {
        this.#handled.inc({ ...labels, grpc_code: statusName(code) });
        seconds.observe(duration);
      },
    };
  }
}
