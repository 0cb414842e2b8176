import { dirname } from 'node:path';
import { Identity } from '@weft/proto/identity';
import {
  type Get,
  GRPC_SERVER,
  type GrpcServer,
  LOGGER,
  type Logger,
  MemoryKeeper,
  type MeshIdentity,
  READINESS,
  type Readiness,
  returnMemory,
  SHUTDOWN,
  type Shutdown,
  sinceLast,
} from '@weft/service';
import type { Certifier } from './certify/certifier.ts';
import { identityHandlers } from './certify/identity-handlers.ts';
import { CERTIFIER, ISSUER_STORE, KUBERNETES_ACCESS, MESH_IDENTITY } from './identity.module.ts';
import { watchFiles } from './issuer/file-watch.ts';
import type { IssuerStore } from './issuer/issuer-store.ts';
import type { KubernetesAccess } from './kubernetes-access.ts';
import type { IdentityConfig } from './settings.ts';

/** Begins to serve. Ready once an issuer is in force; until then every request is told so. */
export async function serveIdentity(get: Get, config: IdentityConfig): Promise<void> {
  const { signal } = get<Shutdown>(SHUTDOWN);
  const issuers = get<IssuerStore>(ISSUER_STORE);
  const mesh = get<MeshIdentity>(MESH_IDENTITY);
  const logger = get<Logger>(LOGGER);

  await get<KubernetesAccess | undefined>(KUBERNETES_ACCESS)?.start(signal);
  const readiness = get<Readiness>(READINESS);
  const issuerInForce = readiness.gate('issuer');
  issuers.subscribe((issuer) => {
    mesh.replaceAnchors(issuer.anchorsPem);
    mesh.renewNow();
    issuerInForce.open();
  });
  await issuers.reload();
  void watchFiles(
    {
      directories: [config.issuerDirectory, dirname(config.trustAnchors)],
      intervalMs: config.reloadInterval,
      onChange: () => issuers.reload(),
      logger,
    },
    signal,
  );
  if (config.meshTls) {
    const ownCertificate = readiness.gate('certificate');
    mesh.credentials.subscribe(({ leaf }) => leaf !== undefined && ownCertificate.open());
    void mesh.run(signal);
  }

  const grpc = get<GrpcServer>(GRPC_SERVER);
  grpc.serve(Identity, identityHandlers(get<Certifier>(CERTIFIER)));
  const tls = config.meshTls ? mesh : undefined;
  const { address, port } = await grpc.listen(config.addr, tls);
  // Starting leaves more garbage than the service will ever hold, and so does a rush of proxies.
  returnMemory();
  new MemoryKeeper({ load: sinceLast(() => grpc.callsBegun), returnMemory }).run(signal);
  logger.info('gRPC server is listening', { address, port, tls: config.meshTls, identity: mesh.serverName });
}
