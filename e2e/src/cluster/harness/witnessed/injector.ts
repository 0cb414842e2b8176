import { join } from 'node:path';
import { aKeyPair, aReview, asSecret, call, MountedSecret } from '@weft/admission/testing';
import { waitFor } from '../../../harness/wait-for.ts';
import type { ApiServer } from '../api-server.ts';
import { get } from '../kubectl.ts';
import { ServiceProcess } from '../service-process.ts';
import { clear, stageFor, type WitnessedService } from './witnessed-service.ts';

interface ConfigMap {
  readonly data: Readonly<Record<string, string>>;
}

function podOf(kind: string, apiVersion: string, namespace = 'default'): object {
  const ownerReferences = [{ apiVersion, kind, name: 'nobody-knows-it', uid: 'u1' }];
  const object = { metadata: { name: 'x', ownerReferences }, spec: { containers: [{ name: 'x' }] } };
  return aReview({ namespace, object });
}

/** It is asked about pods of ReplicaSets and Jobs, and about one of a namespace that it has not seen. */
export async function witnessedInjector(api: ApiServer): Promise<WitnessedService> {
  const stage = await stageFor(api, 'linkerd-proxy-injector');
  const { directory, witness } = stage;
  const config = await get<ConfigMap>('configmap', 'linkerd-config', '-n', 'linkerd');
  const anchors = await get<ConfigMap>('configmap', 'linkerd-identity-trust-roots', '-n', 'linkerd');
  const pair = aKeyPair();
  const mounted = new MountedSecret({ ...asSecret(pair), ...config.data, ...anchors.data });
  const listeners = ['addr', 'metrics-addr', 'policy-validator-addr', 'sp-validator-addr'];
  const certificates = ['tls-dir', 'policy-validator-tls-dir', 'sp-validator-tls-dir'];
  const service = new ServiceProcess('injector', [
    ...listeners.map((flag) => `-${flag}=127.0.0.1:0`),
    ...certificates.map((flag) => `-${flag}=${mounted.directory}`),
    `-values=${join(mounted.directory, 'values')}`,
    `-trust-anchors=${join(mounted.directory, 'ca-bundle.crt')}`,
    `-kubeconfig=${join(directory, 'kubeconfig')}`,
  ]);
  return {
    witness,
    work: async () => {
      await service.ready();
      const port = service.port('webhook is listening', { webhook: 'proxy-injector' });
      const review = (body: object) => call({ port, ca: pair.cert, body });
      await review(podOf('ReplicaSet', 'apps/v1'));
      await review(podOf('ReplicaSet', 'apps/v1'));
      await review(podOf('Job', 'batch/v1'));
      await review(podOf('Job', 'batch/v1', 'a-namespace-that-was-just-made'));
      await waitFor('events are counted up', 10_000, () => witness.done.includes('patch events'));
    },
    stop: async () => {
      await clear(stage, service);
      mounted.remove();
    },
  };
}
