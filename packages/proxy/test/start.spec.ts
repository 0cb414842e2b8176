import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ControlPlane } from './control-plane.builder.ts';
import { eventually, ORDERS, type ProxyOptions, ProxyProcess, TOKEN } from './proxy-process.builder.ts';

jest.setTimeout(20_000);

let controlPlane: ControlPlane;
let proxy: ProxyProcess | null = null;
beforeEach(async () => {
  controlPlane = await ControlPlane.start();
});
afterEach(async () => {
  await proxy?.kill();
  proxy = null;
  await controlPlane.stop();
});

function start(env: ProxyOptions['env'] = {}): ProxyProcess {
  proxy = new ProxyProcess(controlPlane, { env });
  return proxy;
}

describe('a proxy that starts', () => {
  it('is alive at once, and ready when it is certified', async () => {
    controlPlane.certifies = false;
    const started = await start({ IDENTITY_MIN_REFRESH: '100ms' }).listening();
    expect(await started.admin('/live')).toEqual({ status: 200, text: 'live\n' });
    expect(await started.admin('/ready')).toEqual({ status: 503, text: 'not ready\n' });
    await eventually('it asks', () => controlPlane.certifyCalls.length > 0);
    controlPlane.certifies = true;
    await started.ready();
    expect(controlPlane.certifyCalls.at(-1)).toEqual({ identity: ORDERS, token: TOKEN });
    expect(started.log.some((line) => line.includes('Certified identity'))).toBe(true);
  });

  it('renews its certificate before it expires', async () => {
    controlPlane.leafLifetimeMs = 1000;
    const started = await start({ IDENTITY_MIN_REFRESH: '100ms' }).ready();
    await eventually('two renewals', () => controlPlane.certifyCalls.length >= 3);
    expect(await started.metric('control_identity_cert_refreshes_total', 'result="ok"')).toBeGreaterThan(1);
    const expiry = await started.metric('control_identity_cert_expiration_timestamp_seconds');
    expect(expiry).toBeGreaterThan(Date.now() / 1000);
  });

  it('stays ready when its certificate is not renewed', async () => {
    controlPlane.leafLifetimeMs = 1000;
    const started = await start({ IDENTITY_MIN_REFRESH: '100ms' }).ready();
    controlPlane.certifies = false;
    const calls = controlPlane.certifyCalls.length;
    await eventually('it asks again and again', () => controlPlane.certifyCalls.length >= calls + 3);
    expect((await started.admin('/ready')).status).toBe(200);
  });

  it('prints its metrics in the text format', async () => {
    const { text } = await (await start().ready()).admin('/metrics');
    expect(text).toMatch(/^process_start_time_seconds [\d.]+$/m);
    expect(text).toMatch(/^proxy_build_info\{.*\} 1$/m);
    expect(text.endsWith('# EOF\n')).toBe(true);
  });
});

describe('a configuration that cannot be used', () => {
  it.each([
    ['IDENTITY_LOCAL_NAME', undefined],
    ['OUTBOUND_CONNECT_TIMEOUT', '1.5s'],
    ['INBOUND_DEFAULT_POLICY', 'everyone'],
    ['POLICY_SVC_ADDR', 'nonsense'],
    ['IDENTITY_TOKEN_FILE', '/nowhere/token'],
    ['IDENTITY_TRUST_ANCHORS', '-----BEGIN NOTHING-----'],
  ])('ends it with code 64 and names %s', async (name, value) => {
    const started = start({ [name]: value });
    expect(await started.exited).toBe(64);
    expect(started.stderr).toContain(`LINKERD2_PROXY_${name}`);
  });

  it('names everything that is wrong with it', async () => {
    const started = start({ INBOUND_DETECT_TIMEOUT: 'soon', OUTBOUND_MAX_IN_FLIGHT: 'many' });
    expect(await started.exited).toBe(64);
    expect(started.stderr).toContain('LINKERD2_PROXY_INBOUND_DETECT_TIMEOUT="soon"');
    expect(started.stderr).toContain('LINKERD2_PROXY_OUTBOUND_MAX_IN_FLIGHT="many"');
  });

  it('of a port in use ends it with code 1 and names the port', async () => {
    const [, port] = controlPlane.address.split(':');
    const started = start({ INBOUND_LISTEN_ADDR: `127.0.0.1:${port}` });
    expect(await started.exited).toBe(1);
    expect(started.stderr).toContain(`127.0.0.1:${port}`);
  });
});

describe('a proxy that is told to end', () => {
  it('at its admin port drains and exits with code 0', async () => {
    const started = await start().ready();
    expect(await started.admin('/shutdown')).toMatchObject({ status: 405 });
    expect(await started.admin('/shutdown', 'POST')).toEqual({ status: 200, text: 'shutdown\n' });
    expect(await started.exited).toBe(0);
    expect(started.log.some((line) => line.includes('Shutting down') && line.includes('admin'))).toBe(true);
  });

  it('at its admin port goes on where that is not enabled', async () => {
    const started = await start({ SHUTDOWN_ENDPOINT_ENABLED: 'false' }).ready();
    expect(await started.admin('/shutdown', 'POST')).toMatchObject({ status: 404 });
    expect((await started.admin('/live')).status).toBe(200);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('by %s exits with code 0, certified or not', async (signal) => {
    controlPlane.certifies = false;
    const started = await start().listening();
    started.signal(signal);
    expect(await started.exited).toBe(0);
  });
});
