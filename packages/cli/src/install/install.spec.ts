import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createIssuer, createTrustAnchor } from '@weft/identity';
import { Command } from 'commander';
import { chartValues } from '../helm/chart-values.ts';
import { memberAt, textAt } from '../manifest/json.ts';
import { withSwitchValues } from '../options/switch.ts';
import type { FlagValues } from '../proxy-flags/proxy-flag.ts';
import { assertCrdsPresent, assertGatewayApiFree } from './crds.ts';
import { flagValues } from './flag-values.ts';
import { addControlPlaneFlags, type ControlPlaneFlags } from './flags.ts';
import { completeIdentity } from './identity-values.ts';
import { orInterrupted } from './interruption.ts';
import { nextSteps } from './next-steps.ts';
import { outputMode } from './output-mode.ts';
import { printedObjects } from './print-objects.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const DAY_MS = 86_400_000;
const anchor = createTrustAnchor({ name: 'root', lifetimeMs: 1000 * DAY_MS, now: NOW });
const issuer = createIssuer(anchor, { name: 'issuer', lifetimeMs: 100 * DAY_MS, now: NOW });

const given = (tls: { crtPEM?: string; keyPEM?: string }, anchors = anchor.certChainPem) => ({
  identityTrustAnchorsPEM: anchors,
  identity: { issuer: { tls } },
});

describe('certificates of an installation', () => {
  it('makes an anchor for ten years and an issuer for one where none are given', () => {
    const values = { clusterDomain: 'example.org', proxy: { logLevel: 'debug' } };
    const completed = completeIdentity(values, 'mesh', NOW);
    const made = new X509Certificate(textAt(completed.values, 'identityTrustAnchorsPEM'));
    const signed = new X509Certificate(textAt(completed.values, 'identity', 'issuer', 'tls', 'crtPEM'));
    expect(made.subject).toBe('CN=root.mesh.example.org');
    expect(signed.subject).toBe('CN=identity.mesh.example.org');
    expect((made.validToDate.getTime() - NOW) / DAY_MS).toBe(3650);
    expect((signed.validToDate.getTime() - NOW) / DAY_MS).toBe(365);
    expect(signed.verify(made.publicKey)).toBe(true);
    expect(memberAt(completed.values, 'proxy', 'logLevel')).toBe('debug');
    expect(completed.madeAnchor?.keyPem).toMatch(/PRIVATE KEY/);
    expect(JSON.stringify(completed.values)).not.toContain(completed.madeAnchor!.keyPem.split('\n')[1]);
  });

  it('takes what is given, if it fits together', () => {
    const values = given({ crtPEM: issuer.certChainPem, keyPEM: issuer.keyPem });
    expect(completeIdentity(values, 'linkerd', NOW)).toEqual({ values, madeAnchor: undefined });
  });

  it.each([
    ['the key is missing', given({ crtPEM: 'x' }), 'missing: identity.issuer.tls.keyPEM'],
    ['only anchors are there', given({}), 'missing: identity.issuer.tls.crtPEM, identity.issuer.tls.keyPEM'],
    ['the anchors are no text', { identityTrustAnchorsPEM: 1 }, 'identityTrustAnchorsPEM must be PEM text'],
    ['it is not PEM', given({ crtPEM: 'x', keyPEM: 'y' }), 'the given issuer cannot be used'],
    [
      'the key is another’s',
      given({ crtPEM: issuer.certChainPem, keyPEM: anchor.keyPem }),
      'the private key is not that of "CN=issuer"',
    ],
    [
      'the anchors are others',
      given(
        { crtPEM: issuer.certChainPem, keyPEM: issuer.keyPem },
        createTrustAnchor({ name: 'other', lifetimeMs: DAY_MS, now: NOW }).certChainPem,
      ),
      'is neither an intermediate nor a trust anchor',
    ],
  ])('refuses an issuer where %s', (_, values, problem) => {
    expect(() => completeIdentity(values, 'linkerd', NOW)).toThrow(problem);
  });

  it('refuses an issuer that has expired', () => {
    const values = given({ crtPEM: issuer.certChainPem, keyPEM: issuer.keyPem });
    expect(() => completeIdentity(values, 'linkerd', NOW + 200 * DAY_MS)).toThrow(/expired at 2026-04-11/);
  });

  it('leaves certificates to cert-manager where the installation says so', () => {
    const values = { identity: { externalCA: true, issuer: { scheme: 'kubernetes.io/tls' } } };
    expect(completeIdentity(values, 'linkerd', NOW)).toEqual({ values, madeAnchor: undefined });
  });
});

describe('flags of install', () => {
  const valuesOf = (...args: string[]) => {
    const command = addControlPlaneFlags(new Command(), { isInstall: true }).exitOverride();
    command.configureOutput({ writeErr: () => {} }).parse(withSwitchValues(command, args), { from: 'user' });
    return flagValues(command.opts<ControlPlaneFlags & FlagValues>());
  };

  it.each([
    [[], {}],
    [['--controller-replicas', '2'], { controllerReplicas: 2 }],
    [['--controller-log-level=debug'], { controllerLogLevel: 'debug' }],
    [['--disable-h2-upgrade', '--disable-heartbeat'], { enableH2Upgrade: false }],
    [['--linkerd-cni-enabled'], { cniEnabled: true }],
    [['--cluster-domain', 'example.org'], { clusterDomain: 'example.org' }],
    [['--identity-issuance-lifetime', '1h'], { identity: { issuer: { issuanceLifetime: '1h' } } }],
    [
      ['--identity-external-issuer', '--identity-external-ca'],
      { identity: { externalCA: true, issuer: { scheme: 'kubernetes.io/tls' } } },
    ],
    [['--image-pull-policy', 'Never'], { imagePullPolicy: 'Never' }],
    [
      ['--proxy-cpu-limit', '1', '--admin-port=5191'],
      { proxy: { resources: { cpu: { limit: '1' } }, ports: { admin: 5191 } } },
    ],
    [
      ['--registry', 'example.com/mesh'],
      {
        controllerImage: 'example.com/mesh/controller',
        debugContainer: { image: { name: 'example.com/mesh/debug' } },
        proxy: { image: { name: 'example.com/mesh/proxy' } },
      },
    ],
  ])('turns %j into values', async (args, values) => {
    expect(await valuesOf(...args)).toEqual(values);
  });

  it('refuses levels nobody knows', () => {
    expect(() => valuesOf('--controller-log-level=loud')).toThrow(/--controller-log-level.*loud/);
  });

  it('has the chart’s own values for high availability', async () => {
    expect(await chartValues('values-ha.yaml')).toMatchObject({
      controllerReplicas: 3,
      webhookFailurePolicy: 'Fail',
    });
  });
});

describe('where objects go', () => {
  const wait = 0;
  const terminal = { isTerminal: true, ignoresCluster: false };
  const pipe = { isTerminal: false, ignoresCluster: false };

  it('applies on a terminal, prints into a pipe, and does as it is told', () => {
    expect(outputMode({ wait }, terminal)).toBe('apply');
    expect(outputMode({ wait }, pipe)).toBe('yaml');
    expect(outputMode({ wait, output: 'json' }, terminal)).toBe('json');
    expect(outputMode({ wait, apply: true }, pipe)).toBe('apply');
    expect(outputMode({ wait }, { ...terminal, ignoresCluster: true })).toBe('yaml');
  });

  it('refuses to apply what is to be printed', () => {
    expect(() => outputMode({ wait, apply: true, output: 'yaml' }, pipe)).toThrow(
      '--apply and --output exclude',
    );
    expect(() => outputMode({ wait, apply: true }, { ...pipe, ignoresCluster: true })).toThrow(
      '--apply and --ignore-cluster exclude',
    );
  });

  it('prints a stream that kubectl takes', () => {
    expect(printedObjects([{ kind: 'A' }, { kind: 'B' }], 'yaml')).toBe('---\nkind: A\n---\nkind: B\n');
    expect(printedObjects([{ kind: 'A' }, { kind: 'B' }], 'json')).toBe('{"kind":"A"}\n{"kind":"B"}\n');
  });
});

describe('what is there already', () => {
  const crd = (name: string, group: string, labels = {}) => ({ metadata: { name, labels }, spec: { group } });
  const gateway = 'gateway.networking.k8s.io';
  const ours = { 'linkerd.io/control-plane-ns': 'linkerd' };

  it('leaves a Gateway API of somebody else alone', () => {
    const wanted = [crd('httproutes.gateway.networking.k8s.io', gateway)];
    expect(() => assertGatewayApiFree(wanted, [crd('grpcroutes', gateway)])).toThrow(
      /leave installGatewayAPI off/,
    );
    expect(() => assertGatewayApiFree(wanted, [crd('grpcroutes', gateway, ours)])).not.toThrow();
    expect(() =>
      assertGatewayApiFree([crd('servers', 'policy.linkerd.io')], [crd('grpcroutes', gateway)]),
    ).not.toThrow();
  });

  it('wants the definitions before a control plane is printed', () => {
    const wanted = [
      crd('servers', 'policy.linkerd.io'),
      crd('serviceprofiles', 'linkerd.io'),
      crd('routes', gateway),
    ];
    expect(() => assertCrdsPresent(wanted, [wanted[0]!])).toThrow(
      /weft install --crds .*missing: serviceprofiles\)/,
    );
    expect(() => assertCrdsPresent(wanted, wanted.slice(0, 2))).not.toThrow();
  });
});

describe('an interruption', () => {
  const interrupted = AbortSignal.abort();
  const failure = (signal: AbortSignal) =>
    orInterrupted(Promise.reject(new Error('broken off')), signal, 'objects stay');

  it('is told as what it means, and only where there was one', async () => {
    await expect(failure(interrupted)).rejects.toThrow('interrupted: objects stay');
    await expect(failure(new AbortController().signal)).rejects.toThrow('broken off');
    expect(await orInterrupted(Promise.resolve('done'), interrupted, 'objects stay')).toBe('done');
  });

  it('is told by whoever knows best', async () => {
    await expect(orInterrupted(failure(interrupted), interrupted, 'nothing was changed')).rejects.toThrow(
      'objects stay',
    );
  });
});

describe('next steps', () => {
  const base = { namespace: 'linkerd', anchorKey: undefined, injectsByDefault: false };

  it('says how pods come into the mesh', () => {
    expect(nextSteps(base)).toContain('kubectl annotate namespace NAMESPACE linkerd.io/inject=enabled');
    expect(nextSteps({ ...base, injectsByDefault: true })).not.toContain('annotate');
    expect(nextSteps({ ...base, namespace: 'mesh' })).toContain('weft check --linkerd-namespace mesh\n');
  });

  it('says where the key of the anchor is, or that nobody has it', () => {
    expect(nextSteps({ ...base, anchorKey: { file: 'ca.key', inCluster: false } })).toContain(
      'key is in ca.key',
    );
    expect(nextSteps({ ...base, anchorKey: { file: undefined, inCluster: true } })).toContain(
      'linkerd-trust-anchor',
    );
    expect(nextSteps({ ...base, anchorKey: { file: undefined, inCluster: false } })).toContain('thrown away');
  });
});
