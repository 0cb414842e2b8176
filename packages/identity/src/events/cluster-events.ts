import type { EventSink, ObjectReference } from '@weft/kubernetes';
import type { ServiceAccount } from '../identity-name.ts';
import type { IdentityEvents } from './identity-events.ts';

/** Kubernetes events with the reasons of a stock identity: on service accounts, and on its own Deployment. */
export class ClusterEvents implements IdentityEvents {
  readonly #sink: EventSink;
  readonly #self: ObjectReference;

  constructor(sink: EventSink, deployment: { readonly namespace: string; readonly name: string }) {
    this.#sink = sink;
    this.#self = { apiVersion: 'apps/v1', kind: 'Deployment', ...deployment };
  }

  issued({ namespace, name }: ServiceAccount, message: string): void {
    const about = { apiVersion: 'v1', kind: 'ServiceAccount', namespace, name };
    this.#sink.record({ about, type: 'Normal', reason: 'IssuedLeafCertificate', message });
  }

  issuerUpdated(message: string): void {
    this.#sink.record({ about: this.#self, type: 'Normal', reason: 'IssuerUpdated', message });
  }

  issuerUpdateSkipped(message: string): void {
    this.#sink.record({ about: this.#self, type: 'Warning', reason: 'IssuerUpdateSkipped', message });
  }

  issuerInvalid(message: string): void {
    this.#sink.record({ about: this.#self, type: 'Warning', reason: 'IssuerValidationFailed', message });
  }
}
