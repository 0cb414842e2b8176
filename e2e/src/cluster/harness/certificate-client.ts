import { X509Certificate } from 'node:crypto';
import { Identity } from '@weft/proto/identity';
import { CredentialsStore, createCsr, GrpcClient } from '@weft/service';
import { identityOf, newKey } from '../../harness/credentials.ts';
import { get, kubectl } from './kubectl.ts';
import { forwardPort, type PortForward } from './port-forward.ts';
import type { Pod } from './test-namespace.ts';

const SERVER = 'linkerd-identity.linkerd.serviceaccount.identity.linkerd.cluster.local';
const AUDIENCE = 'identity.l5d.io';
const key = newKey().key;

/** Asks one replica of identity for certificates, as a proxy would. */
export class CertificateClient {
  readonly #client: GrpcClient;
  readonly #forward: PortForward;

  private constructor(client: GrpcClient, forward: PortForward) {
    this.#client = client;
    this.#forward = forward;
  }

  static async open(replica: Pod): Promise<CertificateClient> {
    const { data } = await get<{ data: Record<string, string> }>(
      'configmap',
      'linkerd-identity-trust-roots',
      '-n',
      'linkerd',
    );
    const credentials = new CredentialsStore({ anchorsPem: data['ca-bundle.crt']! });
    const forward = await forwardPort(replica, 8080);
    const client = new GrpcClient({
      target: `127.0.0.1:${forward.port}`,
      tls: { serverName: SERVER, credentials },
    });
    return new CertificateClient(client, forward);
  }

  /** A leaf for a service account, whose token proves it. @throws what the service has answered. */
  async certify(account: ServiceAccount): Promise<X509Certificate> {
    const identity = identityOf(account.name, account.namespace);
    const certificateSigningRequest = createCsr(identity, key);
    const { leafCertificate } = await this.#client.unary(
      Identity.method.certify,
      { identity, token: Buffer.from(account.token), certificateSigningRequest },
      { timeoutMs: 10_000 },
    );
    return new X509Certificate(leafCertificate);
  }

  async close(): Promise<void> {
    this.#client.close();
    await this.#forward.close();
  }
}

export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
  /** For identity alone. */
  readonly token: string;
}

/** Makes a service account, and a token that proves it to identity. */
export async function createAccount(namespace: string, name: string): Promise<ServiceAccount> {
  await kubectl(['create', 'serviceaccount', '-n', namespace, name]);
  const token = await kubectl(['create', 'token', '-n', namespace, name, '--audience', AUDIENCE]);
  return { namespace, name, token: token.trim() };
}
