import type { ListenAddress, Logger, Readiness, Shutdown } from '@weft/service';
import { servingCertificate } from '../files/serving-certificate.ts';
import type { AdmissionMetrics } from '../metrics.ts';
import type { Admit } from '../review/review.ts';
import { WebhookServer } from './webhook-server.ts';

/** A webhook of a service: where it listens, what it serves with, what it decides. */
export interface Webhook {
  readonly name: string;
  readonly addr: ListenAddress;
  /** Directory of `tls.crt` and `tls.key`. */
  readonly tlsDirectory: string;
  readonly admit: Admit;
}

export interface WebhookSurroundings {
  readonly logger: Logger;
  readonly metrics: AdmissionMetrics;
  readonly readiness: Readiness;
  readonly shutdown: Shutdown;
}

/** Listens; ready once there is a certificate to serve with; drained when the service shuts down. */
export async function openWebhook(
  { name, addr, tlsDirectory, admit }: Webhook,
  { logger, metrics, readiness, shutdown }: WebhookSurroundings,
): Promise<WebhookServer> {
  const server = new WebhookServer({ name, admit, metrics, logger });
  const certificate = servingCertificate(tlsDirectory, { name, logger, metrics });
  const gate = readiness.gate(`certificate of ${name}`);
  certificate.subscribe((pair) => {
    server.useCertificate(pair);
    gate.open();
  });
  shutdown.register('drain', name, (signal) => server.drain(signal));
  await certificate.follow(shutdown.signal);
  const { address, port } = await server.listen(addr);
  logger.info('webhook is listening', { webhook: name, address, port });
  return server;
}
