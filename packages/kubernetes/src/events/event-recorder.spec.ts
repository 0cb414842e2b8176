import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { aRecordingLog } from '../api/log.builder.ts';
import { disconnect, json, refusal, ScriptedApiServer } from '../api/scripted-api-server.builder.ts';
import { eventually } from '../eventually.builder.ts';
import type { ClusterEvent } from './cluster-event.ts';
import { EventRecorder } from './event-recorder.ts';

const EVENTS = '/api/v1/namespaces/shop/events';
const anEvent = (message = 'issued'): ClusterEvent => ({
  about: { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'shop', name: 'web' },
  type: 'Normal',
  reason: 'IssuedLeafCertificate',
  message,
});

let server: ScriptedApiServer;
let stop: AbortController;
let finished: Promise<void>;

beforeEach(async () => {
  server = await ScriptedApiServer.start();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await finished;
  await server.close();
});

function aRecorder() {
  const registry = new Registry();
  const { log, said } = aRecordingLog();
  const source = { component: 'linkerd-identity', instance: 'identity-1' };
  const recorder = new EventRecorder({ api: server.client(), source, log, registry });
  finished = recorder.run(stop.signal);
  const until = async (result: string, count: number) => {
    const line = `kubernetes_events_total{result="${result}"} ${count}`;
    await eventually(async () => (await registry.metrics()).includes(line));
  };
  return { recorder, said, until };
}

/** The name under which the first event was made. */
const firstName = () =>
  (server.requests[0]?.body as { metadata?: { name?: string } } | undefined)?.metadata?.name ?? '';

describe('the recorder of events', () => {
  it('writes an event beside the object it is about', async () => {
    server.on(`POST ${EVENTS}`, json({}, 201));
    const { recorder, until } = aRecorder();
    recorder.record(anEvent());
    await until('written', 1);
    expect(server.seen(`POST ${EVENTS}`)[0]?.body).toMatchObject({
      kind: 'Event',
      metadata: { namespace: 'shop', name: expect.stringMatching(/^web\.[0-9a-f]+$/) },
      involvedObject: { kind: 'ServiceAccount', name: 'web' },
      type: 'Normal',
      reason: 'IssuedLeafCertificate',
      message: 'issued',
      reportingComponent: 'linkerd-identity',
      count: 1,
    });
  });

  it('counts repetitions on the event that is there, and makes it anew when it is gone', async () => {
    server.on(`POST ${EVENTS}`, json({}, 201));
    const { recorder, until } = aRecorder();
    recorder.record(anEvent());
    await until('written', 1);
    const event = `${EVENTS}/${firstName()}`;
    server.on(`PATCH ${event}`, json({}), refusal(404, 'NotFound'));
    recorder.record(anEvent());
    recorder.record(anEvent());
    await until('written', 3);
    expect(server.seen(`PATCH ${event}`).map(({ body }) => (body as { count: number }).count)).toEqual([
      2, 3,
    ]);
    expect(server.seen(`POST ${EVENTS}`)).toHaveLength(2);
  });

  it('tries again after a failure, and takes an event that is there already for its own', async () => {
    server.on(`POST ${EVENTS}`, disconnect, refusal(409, 'AlreadyExists'));
    const { recorder, until } = aRecorder();
    recorder.record(anEvent());
    await until('written', 1);
    expect(server.seen(`POST ${EVENTS}`)).toHaveLength(2);
  });

  it('goes on after one that the server refuses', async () => {
    server.on(`POST ${EVENTS}`, refusal(403, 'Forbidden'), json({}, 201));
    const { recorder, until, said } = aRecorder();
    recorder.record(anEvent('one'));
    recorder.record(anEvent('two'));
    await until('failed', 1);
    await until('written', 1);
    expect(said).toEqual(['warn an event could not be written']);
  });

  it('drops what it cannot hold, and never makes anybody wait', async () => {
    server.on(`POST ${EVENTS}`, () => {});
    const { recorder, until } = aRecorder();
    for (let i = 0; i < 600; i += 1) recorder.record(anEvent(`${i}`));
    await until('dropped', 100);
  });
});
