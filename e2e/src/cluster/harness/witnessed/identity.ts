import { join } from 'node:path';
import { Identity } from '@weft/proto/identity';
import { createCsr, GrpcClient } from '@weft/service';
import { Authority, identityOf, newKey } from '../../../harness/credentials.ts';
import { waitFor } from '../../../harness/wait-for.ts';
import type { ApiServer } from '../api-server.ts';
import { kubectl } from '../kubectl.ts';
import { ServiceProcess } from '../service-process.ts';
import { clear, stageFor, type WitnessedService } from './witnessed-service.ts';

/** So many different events of a kind in a row are counted up in one, which is what changing events is for. */
const MANY = 12;

/** It issues certificates for a service account's token, and says so in events. */
export async function witnessedIdentity(api: ApiServer): Promise<WitnessedService> {
  const stage = await stageFor(api, 'linkerd-identity');
  const { directory, witness } = stage;
  new Authority().writeTo(directory);
  const service = new ServiceProcess('identity', [
    ...['-addr=127.0.0.1:0', '-admin-addr=127.0.0.1:0', '-mesh-tls=false'],
    `-issuer-dir=${join(directory, 'issuer')}`,
    `-trust-anchors=${join(directory, 'ca-bundle.crt')}`,
    `-kubeconfig=${join(directory, 'kubeconfig')}`,
  ]);
  return {
    witness,
    work: async () => {
      await service.ready();
      const client = new GrpcClient({ target: `127.0.0.1:${service.port('gRPC server is listening')}` });
      const token = await kubectl(['create', 'token', 'default', '--audience=identity.l5d.io']);
      const identity = identityOf('default', 'default');
      for (let n = 0; n < MANY; n++) {
        await client.unary(Identity.method.certify, {
          identity,
          token: new TextEncoder().encode(token),
          certificateSigningRequest: createCsr(identity, newKey().key),
        });
      }
      client.close();
      await waitFor('events are counted up', 10_000, () => witness.done.includes('patch events'));
    },
    stop: () => clear(stage, service),
  };
}
