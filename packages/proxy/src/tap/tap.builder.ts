import { create, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type ObserveRequest,
  type ObserveRequest_MatchSchema,
  ObserveRequestSchema,
  type TapEvent,
  TapEventSchema,
} from '@weft/proto/tap';
import { requestHead } from '../exchange/exchange.builder.ts';
import type { GrpcStatus } from '../grpc/status.ts';
import type { RequestHead } from '../http/message.ts';
import type { LabelPairs } from '../metrics/labels.ts';
import type { TapSink } from './event-queue.ts';
import type { TapSubject } from './subject.ts';

export type MatchInit = MessageInitShape<typeof ObserveRequest_MatchSchema>;

/** What matches every request. */
export const everything: MatchInit = { match: { case: 'all', value: {} } };

export const onPorts = (min: number, max = min): MatchInit => ({
  match: { case: 'destination', value: { match: { case: 'ports', value: { min, max } } } },
});

export const onPath = (prefix: string): MatchInit => ({
  match: {
    case: 'http',
    value: { match: { case: 'path', value: { match: { case: 'prefix', value: prefix } } } },
  },
});

export function observeRequest({ limit = 1, match = everything, headers = false } = {}): ObserveRequest {
  return create(ObserveRequestSchema, {
    limit,
    match,
    ...(headers
      ? { extract: { extract: { case: 'http', value: { extract: { case: 'headers', value: {} } } } } }
      : {}),
  });
}

export interface SubjectInit {
  readonly direction?: TapSubject['direction'];
  readonly version?: TapSubject['version'];
  readonly request?: Partial<RequestHead>;
  readonly sourceIp?: string;
  readonly sourceLabels?: LabelPairs;
  readonly destinationIp?: string;
  readonly destinationLabels?: LabelPairs;
  readonly routeLabels?: LabelPairs;
}

/** A request from 10.0.0.9:40000 to 10.0.0.5:8080. */
export function tapSubject(init: SubjectInit = {}): TapSubject {
  return {
    direction: init.direction ?? 'outbound',
    source: { ip: init.sourceIp ?? '10.0.0.9', port: 40_000 },
    destination: { ip: init.destinationIp ?? '10.0.0.5', port: 8080 },
    request: requestHead(init.request),
    version: init.version ?? '1.1',
    sourceLabels: () => init.sourceLabels ?? [],
    destinationLabels: () => init.destinationLabels ?? [],
    destinationTls: () => [
      ['tls', 'true'],
      ['server_id', 'orders'],
    ],
    routeLabels: () => init.routeLabels ?? [],
  };
}

/** A client of a tap. */
export class TapReader implements TapSink {
  readonly events: TapEvent[] = [];
  status: GrpcStatus | null = null;
  /** Whether there is room after the next event. */
  room = true;

  send(event: Uint8Array): boolean {
    if (this.status !== null) throw new Error('an event after the status');
    this.events.push(fromBinary(TapEventSchema, event));
    return this.room;
  }

  end(status: GrpcStatus): void {
    if (this.status !== null) throw new Error('two statuses');
    this.status = status;
  }

  /** `requestInit 0/1`: the kinds of the events with their base and stream. */
  get heard(): string[] {
    return this.events.map((event) => {
      const { event: http } = httpOf(event);
      return `${http.case} ${http.value?.id?.base}/${http.value?.id?.stream}`;
    });
  }

  /** The only event of that kind. */
  only<K extends 'requestInit' | 'responseInit' | 'responseEnd'>(kind: K) {
    const found = this.events.map((event) => httpOf(event).event).filter((event) => event.case === kind);
    if (found.length !== 1) throw new Error(`${found.length} events of ${kind}`);
    return found[0].value as Extract<ReturnType<typeof httpOf>['event'], { case: K }>['value'];
  }
}

function httpOf({ event }: TapEvent) {
  if (event.case !== 'http') throw new Error('an event that is not of HTTP');
  return event.value;
}
