import { generateKeyPairSync } from 'node:crypto';
import { Identity } from '@weft/proto/identity';
import { CredentialsStore, createCsr, GrpcClient, toPem } from '@weft/service';
import type { BenchCluster } from './cluster.ts';
import type { ControlPlaneService } from './control-plane.ts';
import { makeAccount, NAMESPACE, tokenOf } from './objects.ts';

const IDENTITY_PORT = 8080;

/** The names and trust anchors of an installed mesh. */
export interface Mesh {
  readonly namespace: string;
  readonly trustDomain: string;
  readonly anchorsPem: string;
}

export async function readMesh(cluster: BenchCluster, namespace: string): Promise<Mesh> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const roots = (await cluster.get(`${path}/linkerd-identity-trust-roots`)) as {
    data: Record<string, string>;
  };
  const config = (await cluster.get(`${path}/linkerd-config`)) as { data: { values: string } };
  const trustDomain = /^identityTrustDomain: "?([^"\s]+)/m.exec(config.data.values)?.[1] ?? 'cluster.local';
  return { namespace, trustDomain, anchorsPem: roots.data['ca-bundle.crt'] ?? '' };
}

const identityName = ({ namespace, trustDomain }: Mesh, accountNamespace: string, account: string) =>
  `${account}.${accountNamespace}.serviceaccount.identity.${namespace}.${trustDomain}`;

export const serviceIdentity = (mesh: Mesh, service: string) =>
  identityName(mesh, mesh.namespace, `linkerd-${service}`);

/** A service account that asks for certificates as a proxy does, over one connection that stays open. */
export class BenchAccount {
  readonly #mesh: Mesh;
  readonly #client: GrpcClient;
  readonly #key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  readonly #request: { identity: string; token: Uint8Array; certificateSigningRequest: Uint8Array };

  private constructor(mesh: Mesh, identity: ControlPlaneService, name: string, token: string) {
    this.#mesh = mesh;
    this.#client = new GrpcClient({
      target: `${identity.address}:${IDENTITY_PORT}`,
      tls: {
        serverName: serviceIdentity(mesh, 'identity'),
        credentials: new CredentialsStore({ anchorsPem: mesh.anchorsPem }),
      },
    });
    this.#request = {
      identity: name,
      token: Buffer.from(token),
      certificateSigningRequest: createCsr(name, this.#key),
    };
  }

  static async make(
    cluster: BenchCluster,
    mesh: Mesh,
    identity: ControlPlaneService,
    name: string,
  ): Promise<BenchAccount> {
    await makeAccount(cluster, name);
    return new BenchAccount(
      mesh,
      identity,
      identityName(mesh, NAMESPACE, name),
      await tokenOf(cluster, name),
    );
  }

  async certify(): Promise<void> {
    await this.#client.unary(Identity.method.certify, this.#request, { timeoutMs: 30_000 });
  }

  /** Credentials to speak to other services with. */
  async credentials(): Promise<CredentialsStore> {
    const { leafCertificate, intermediateCertificates } = await this.#client.unary(
      Identity.method.certify,
      this.#request,
    );
    const chain = [leafCertificate, ...intermediateCertificates].map((der) => toPem('CERTIFICATE', der));
    const keyPem = this.#key.export({ type: 'pkcs8', format: 'pem' }) as string;
    const leaf = { certChainPem: chain.join(''), keyPem };
    return new CredentialsStore({ anchorsPem: this.#mesh.anchorsPem, leaf });
  }

  close(): void {
    this.#client.close();
  }
}
