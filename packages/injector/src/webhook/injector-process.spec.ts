import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { aReview } from '@weft/admission/testing';
import { pod } from '../pod.builder.ts';
import { InjectorProcess } from './injector-process.builder.ts';
import { aReference, ownedPod } from './webhook.builder.ts';

jest.setTimeout(30_000);

const injector = new InjectorProcess();
beforeAll(() => injector.start());
afterAll(() => injector.dispose());

async function eventually<T>(look: () => Promise<T> | T, wanted: (value: T) => boolean): Promise<T> {
  for (let round = 0; round < 500; round += 1) {
    const value = await look();
    if (wanted(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`did not happen within 10 s: ${injector.log.join('\n')}`);
}

const patchOf = ({ json }: { json: { response: { patch: string } } }) =>
  Buffer.from(json.response.patch, 'base64').toString();

describe('the injector as a process', () => {
  it('is alive but not ready until it has a certificate', async () => {
    expect(await injector.admin('/ping')).toEqual({ status: 200, text: 'pong\n' });
    expect((await injector.admin('/ready')).status).toBe(500);
    injector.giveCertificate();
    const ready = await eventually(
      () => injector.admin('/ready'),
      ({ status }) => status === 200,
    );
    expect(ready.text).toBe('ok\n');
  });

  it('injects a pod of the cluster it follows and says so beside its Deployment', async () => {
    const object = ownedPod([aReference('ReplicaSet', 'web-5d')]);
    const answer = await injector.ask('proxy-injector', aReview({ name: '', object }));
    const patch = patchOf(answer);
    expect(patch).toContain('"path":"/metadata/labels/linkerd.io~1proxy-deployment","value":"web"');
    expect(patch).toContain('linkerd/proxy:v1');
    const [event] = await eventually(
      () => injector.api.events,
      ({ length }) => length > 0,
    );
    expect(event).toMatchObject({ reason: 'Injected', involvedObject: { kind: 'Deployment', name: 'web' } });
  });

  it('follows its configuration and keeps the last one that is good', async () => {
    const ask = () => injector.ask('proxy-injector', aReview({ object: pod() }));
    injector.config.write({ values: 'linkerdVersion: v2' });
    await eventually(ask, (answer) => patchOf(answer).includes('linkerd/proxy:v2'));
    injector.config.write({ values: 'proxy: {uid: root}' });
    await eventually(
      () => injector.log,
      (log) => log.some((line) => line.includes('proxy.uid is \\"root\\": must be a number')),
    );
    expect(patchOf(await ask())).toContain('linkerd/proxy:v2');
  });

  it('refuses policies and profiles that mean nothing', async () => {
    const kind = { group: 'policy.linkerd.io', version: 'v1beta3', kind: 'Server' };
    const object = { metadata: { name: 'web' }, spec: { podSelector: {}, port: 0 } };
    const server = await injector.ask('policy-validator', aReview({ kind, object }));
    expect(server.json.response).toMatchObject({
      allowed: false,
      status: { code: 400, message: expect.stringMatching(/^spec\.port is 0: /) },
    });
    const profile = await injector.ask(
      'sp-validator',
      aReview({
        kind: { group: 'linkerd.io', version: 'v1alpha2', kind: 'ServiceProfile' },
        object: { metadata: { name: 'web.shop.svc.cluster.local' }, spec: { routes: [] } },
      }),
    );
    expect(profile.json.response).toEqual({ uid: 'u1', allowed: true });
  });

  it('counts, and ends in order', async () => {
    const { text } = await injector.admin('/metrics');
    expect(text).toContain('admission_webhook_requests_total{webhook="proxy-injector",outcome="patched"}');
    expect(text).toContain('proxy_inject_admission_requests_total{owner_kind="deployment"');
    expect(text).toContain('admission_webhook_bytes_in_flight{webhook="sp-validator"} 0');
    expect(await injector.stop()).toBe(0);
    expect(injector.log.at(-1)).toContain('shut down');
  });
});
