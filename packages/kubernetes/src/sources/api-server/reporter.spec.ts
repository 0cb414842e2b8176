import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { ApiError } from '../../api/api-error.ts';
import { aRecordingLog } from '../../api/log.builder.ts';
import { list, ScriptedApiServer } from '../../api/scripted-api-server.builder.ts';
import { eventually } from '../../eventually.builder.ts';
import { waitUntilSynced } from '../wait-until-synced.ts';
import { ApiServerSource } from './api-server-source.ts';
import { ApiServerMetrics } from './metrics.ts';
import { ApiServerReporter } from './reporter.ts';

function aReporter() {
  const registry = new Registry();
  const recording = aRecordingLog();
  const metrics = new ApiServerMetrics(registry);
  const reporter = new ApiServerReporter(recording.log, metrics);
  return { ...recording, registry, metrics, reporter };
}

describe('what an operator is told', () => {
  it('is the first failure and the recovery, and not what lies between', () => {
    const { reporter, said, fields } = aReporter();
    const error = new ApiError('unreachable', 'no answer', { target: 'GET /api/v1/pods' });
    for (const failures of [1, 2, 3]) reporter.failed('Pod', error, failures);
    reporter.recovered('Pod');
    reporter.recovered('Pod');
    expect(said.filter((line) => !line.startsWith('debug'))).toEqual([
      'warn the API server cannot be followed',
      'info the API server is followed again',
    ]);
    expect(fields[0]).toMatchObject({ kind: 'Pod', error });
  });

  it('is which permission is lacking', () => {
    const { reporter, fields } = aReporter();
    reporter.failed('Pod', new ApiError('forbidden', '403', { target: 'GET /api/v1/pods' }), 1);
    expect(fields[0]?.remedy).toMatch(/grant list and watch/);
  });

  it('is each problem of an object once', () => {
    const { reporter, said, fields } = aReporter();
    const key = { kind: 'Server', namespace: 'shop', name: 'web' } as const;
    const problem = (message: string) => [{ code: 'invalid_field', field: 'spec.port', message } as const];
    reporter.malformed('Server', key, problem('spec.port is true'));
    reporter.malformed('Server', key, problem('spec.port is true'));
    reporter.malformed('Server', key, problem('spec.port is []'));
    reporter.malformed('Server', undefined, []);
    expect(said).toHaveLength(3);
    expect(fields[0]).toEqual({ object: 'Server shop/web', problem: 'spec.port is true' });
  });

  it('is that an object is well again, and its problem anew when it comes back', () => {
    const { reporter, said } = aReporter();
    const key = { kind: 'Server', namespace: 'shop', name: 'web' } as const;
    const problems = [{ code: 'invalid_field', field: 'spec.port', message: 'spec.port is 0' } as const];
    for (const how of ['changed', 'deleted'] as const) {
      reporter.malformed('Server', key, problems);
      reporter.mended('Server', key, how);
    }
    expect(said).toEqual([
      'warn an object is not in force as written',
      'info an object is in force as written again',
      'warn an object is not in force as written',
    ]);
  });

  it('is a stall with what it had hidden', () => {
    const { reporter, said, fields } = aReporter();
    reporter.restarted('Pod', 'silent');
    reporter.stalled('Pod', 3);
    expect(said).toEqual(['warn a watch had stalled: changes are known late']);
    expect(fields[0]).toEqual({ kind: 'Pod', changes: 3 });
  });
});

describe('the metrics of an API server', () => {
  it('show requests, lists, restarts, and how old and how large every index is', async () => {
    const { metrics, reporter, registry } = aReporter();
    const server = await ScriptedApiServer.start();
    const pod = { metadata: { name: 'a', namespace: 'shop' } };
    server.on('LIST /api/v1/pods', list([pod]));
    const api = server.client({ observer: metrics });
    const stop = new AbortController();
    const source = new ApiServerSource({ api, kinds: ['Pod', 'Server'], observer: reporter });
    metrics.observeClient(api);
    metrics.observeSource(source);
    const finished = source.run(stop.signal);
    await waitUntilSynced(source, stop.signal);
    (await server.watch('/api/v1/pods')).send([
      'MODIFIED',
      { ...pod, spec: { containers: 'none' }, metadata: { ...pod.metadata, resourceVersion: '2' } },
    ]);
    const text = async () => registry.metrics();
    await eventually(async () => (await text()).includes('kubernetes_objects_malformed_total{kind="Pod"} 1'));
    reporter.restarted('Pod', 'silent');
    reporter.stalled('Pod', 1);
    const shown = await text();
    for (const line of [
      'kubernetes_requests_total{method="GET",code="404"} 3',
      'kubernetes_requests_in_flight 0',
      'kubernetes_lists_total{kind="Pod"} 1',
      'kubernetes_watch_restarts_total{kind="Pod",reason="silent"} 1',
      'kubernetes_watch_stalls_total{kind="Pod"} 1',
      'kubernetes_index_synced{kind="Server"} 1',
      'kubernetes_objects{kind="Pod"} 1',
      'kubernetes_objects{kind="Server"} 0',
    ])
      expect(shown).toContain(line);
    expect(Number(/kubernetes_index_age_seconds\{kind="Pod"\} (\S+)/.exec(shown)?.[1])).toBeLessThan(5);
    stop.abort();
    await finished;
    await server.close();
  });
});
