import { toJson } from '@bufbuild/protobuf';
import { Http2ClientParamsSchema, type Update, type WeightedAddr } from '@weft/proto/destination';
import type { Json } from '../manifest/json.ts';
import { ipText } from './ip-address.ts';

/** An endpoint, as users see it. */
export interface Endpoint {
  readonly namespace: string;
  readonly ip: string;
  readonly port: number;
  readonly pod: string;
  readonly service: string;
  readonly weight: number;
  readonly http2: Json;
  readonly labels: Readonly<Record<string, string>>;
}

/** The endpoints of an authority, as the updates of a stream make them. */
export class EndpointSet {
  readonly #byAddress = new Map<string, Endpoint>();

  apply({ update }: Update): void {
    switch (update.case) {
      case 'add':
        for (const address of update.value.addrs) this.#add(address, update.value.metricLabels);
        break;
      case 'remove':
        for (const { ip, port } of update.value.addrs) this.#byAddress.delete(`${ipText(ip)} ${port}`);
        break;
      case 'noEndpoints':
        this.#byAddress.clear();
        break;
      case undefined:
        break;
    }
  }

  /** Sorted by address. */
  list(): Endpoint[] {
    return [...this.#byAddress.values()].sort((a, b) => (`${a.ip}:${a.port}` < `${b.ip}:${b.port}` ? -1 : 1));
  }

  #add({ addr, weight, metricLabels, http2 }: WeightedAddr, shared: Readonly<Record<string, string>>): void {
    const ip = ipText(addr?.ip);
    const port = addr?.port ?? 0;
    this.#byAddress.set(`${ip} ${port}`, {
      namespace: shared.namespace ?? '',
      ip,
      port,
      pod: metricLabels.pod ?? '',
      service: shared.service ?? '',
      weight,
      http2: http2 === undefined ? null : (toJson(Http2ClientParamsSchema, http2) as Json),
      labels: metricLabels,
    });
  }
}
