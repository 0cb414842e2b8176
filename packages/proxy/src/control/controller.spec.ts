import { describe, expect, it } from '@jest/globals';
import { settle } from '../http2/raw-peer.builder.ts';
import { ControllerFixture } from './controller.builder.ts';

describe('a controller', () => {
  it('sends a call to an instance, with its body', async () => {
    const fixture = new ControllerFixture();
    const server = fixture.serve(1);
    server.answer = (call) => call.end();
    fixture.resolveTo(1);
    const { answer } = fixture.send();
    await answer.over;
    expect(server.calls[0]!.request.body).toBe('request');
    expect(answer.trailers).toEqual(['grpc-status', '0']);
  });

  it('holds calls until the name is resolved and an instance is there', async () => {
    const fixture = new ControllerFixture();
    const server = fixture.serve(1);
    server.answer = (call) => call.end();
    const { answer } = fixture.send();
    await settle();
    expect(answer.reset).toBeNull();
    fixture.resolveTo(1);
    await answer.over;
    expect(answer.ended).toBe(true);
  });

  it('gives up on calls after 30 seconds without an instance, and refuses later ones', async () => {
    const fixture = new ControllerFixture();
    fixture.resolveTo(1);
    const { answer } = fixture.send();
    await settle();
    fixture.clock.advance(29_999);
    expect(answer.reset).toBeNull();
    fixture.clock.advance(1);
    await answer.over;
    expect(answer.reset).toMatchObject({
      kind: 'io',
      error: { message: 'controller destination: no instance could be reached' },
    });
    const { answer: late } = fixture.send();
    await late.over;
    expect(late.reset).toMatchObject({
      error: { message: 'controller destination: no instance can be reached' },
    });
    fixture.controller.close();
  });

  it('bounds how many calls wait', async () => {
    const fixture = new ControllerFixture();
    for (let i = 0; i < 1000; i++) fixture.send();
    const { answer } = fixture.send();
    await answer.over;
    expect(answer.reset).toMatchObject({ error: { message: expect.stringMatching(/too many calls wait/) } });
  });

  it('does not send a call taken back while it waits', async () => {
    const fixture = new ControllerFixture();
    const server = fixture.serve(1);
    fixture.send().takeBack();
    fixture.resolveTo(1);
    await settle();
    expect(server.calls).toEqual([]);
  });

  it('spreads calls over instances by their load', async () => {
    const fixture = new ControllerFixture();
    const servers = [fixture.serve(1), fixture.serve(2)];
    fixture.resolveTo(1, 2);
    await settle();
    for (let i = 0; i < 6; i++) fixture.send();
    await settle();
    expect(servers.map((server) => server.calls.length)).toEqual([3, 3]);
  });

  it('shows how many instances there are, and that calls were made', async () => {
    const fixture = new ControllerFixture();
    fixture.serve(1);
    fixture.resolveTo(1, 2);
    await settle();
    fixture.send();
    await settle();
    const metrics = () => fixture.registry.render(0);
    const endpoints = (state: string) =>
      `control_destination_balancer_endpoints{endpoint_state="${state}",addr="web:80"}`;
    expect(metrics()).toContain(`${endpoints('ready')} 1\n`);
    expect(metrics()).toContain(`${endpoints('pending')} 1\n`);
    expect(metrics()).toContain('control_destination_balancer_queue_requests_total{addr="web:80"} 1\n');
    expect(metrics()).toContain(
      'control_destination_balancer_queue_gate_timeout_seconds{addr="web:80"} 30\n',
    );
    fixture.controller.close();
    expect(metrics()).toContain(`${endpoints('ready')} 0\n`);
    expect(metrics()).toContain(`${endpoints('pending')} 0\n`);
  });

  it('counts a call given up before its answer no longer as load', async () => {
    const fixture = new ControllerFixture();
    const [first, second] = [fixture.serve(1), fixture.serve(2)];
    fixture.resolveTo(1);
    await settle();
    for (let i = 0; i < 20; i++) fixture.send().answer.stream?.reset({ kind: 'reset', code: 8 });
    fixture.resolveTo(1, 2);
    await settle();
    const before = first.calls.length;
    for (let i = 0; i < 4; i++) fixture.send();
    await settle();
    expect([first.calls.length - before, second.calls.length]).toEqual([2, 2]);
  });

  it('leaves instances that are gone from the name, finishing their calls', async () => {
    const fixture = new ControllerFixture();
    const first = fixture.serve(1);
    const second = fixture.serve(2);
    second.answer = (call) => call.end();
    fixture.resolveTo(1);
    await settle();
    const { answer } = fixture.send();
    await settle();
    fixture.resolveTo(2);
    await settle();
    const { answer: next } = fixture.send();
    await next.over;
    expect(second.calls).toHaveLength(1);
    first.calls[0]!.end();
    await answer.over;
    expect(answer.ended).toBe(true);
  });

  it('tells when there is an instance after there was none, and not of every further one', async () => {
    const fixture = new ControllerFixture();
    fixture.serve(1);
    fixture.serve(2);
    let told = 0;
    const forget = fixture.controller.onReachable(() => told++);
    await settle();
    expect(told).toBe(0);
    fixture.resolveTo(1);
    await settle();
    fixture.resolveTo(1, 2);
    await settle();
    expect(told).toBe(1);
    fixture.resolveTo();
    fixture.resolveTo(2);
    await settle();
    expect(told).toBe(2);
    forget();
    fixture.resolveTo(1);
    await settle();
    expect(told).toBe(2);
  });

  it('counts requests, answers and their latency', async () => {
    const fixture = new ControllerFixture();
    const server = fixture.serve(1);
    fixture.resolveTo(1);
    await settle();
    const { answer: fine } = fixture.send();
    const { answer: broken } = fixture.send();
    await settle();
    fixture.clock.advance(15);
    server.calls[0]!.end(0);
    server.calls[1]!.request.stream.reset({ kind: 'reset', code: 2 });
    await Promise.all([fine.over, broken.over]);
    expect(fixture.metric('control_request_total', 'addr="web:80"')).toBe(2);
    expect(fixture.metric('control_response_total', 'status_code="200"', 'grpc_status="0"', 'success')).toBe(
      1,
    );
    expect(fixture.metric('control_response_total', 'classification="failure"')).toBe(1);
    expect(fixture.metric('control_response_latency_ms_sum', 'status_code="200"')).toBe(15);
  });

  it('lets go of the name and of its instances when closed', async () => {
    const fixture = new ControllerFixture();
    fixture.serve(1);
    fixture.resolveTo(1);
    await settle();
    fixture.controller.close();
    await settle();
    expect(fixture.unfollowed).toBe(true);
    const { answer } = fixture.send();
    fixture.clock.advance(30_000);
    await answer.over;
    expect(answer.reset).toMatchObject({ kind: 'io' });
  });
});
