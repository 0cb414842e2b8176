import { expect, it } from '@jest/globals';
import { createTokenKeys, LocalTokenIssuer } from '@weft/identity';
import { Identity } from '@weft/proto/identity';
import { createCsr } from '@weft/service';
import { identityOf, newKey } from '../../harness/credentials.ts';
import { logOf, metricOf } from '../harness/control-plane-pages.ts';
import { IDENTITY, type MeshCaller } from '../harness/mesh-caller.ts';
import type { TestNamespace } from '../harness/test-namespace.ts';

const AUDIENCE = 'identity.l5d.io';
const INVALID_ARGUMENT = 3;
const FAILED_PRECONDITION = 9;

interface Request {
  readonly token?: string;
  readonly csr?: Uint8Array;
  readonly identity?: string;
}

export function certifyScenario(namespace: () => TestNamespace, caller: () => MeshCaller): void {
  const { key } = newKey();
  const own = () => identityOf('default', namespace().name);
  const other = () => identityOf('admin', namespace().name);
  const token = async (...args: readonly string[]) =>
    (await namespace().kubectl(['create', 'token', 'default', ...args])).trim();
  const good = () => token(`--audience=${AUDIENCE}`);

  const certify = async ({ token, identity = own(), csr = createCsr(identity, key) }: Request) =>
    caller().call(IDENTITY, Identity.method.certify, {
      identity,
      token: new TextEncoder().encode(token ?? (await good())),
      certificateSigningRequest: csr,
    });

  /** A token that nobody takes any more: what it was bound to is gone. */
  async function revoked(): Promise<string> {
    await namespace().kubectl(['create', 'secret', 'generic', 'bound']);
    const bound = await token(
      ...[`--audience=${AUDIENCE}`, '--bound-object-kind=Secret', '--bound-object-name=bound'],
    );
    await namespace().kubectl(['delete', 'secret', 'bound']);
    return bound;
  }

  const forged = () =>
    new LocalTokenIssuer(createTokenKeys().privateKeyPem).mint({
      ...{ namespace: namespace().name, name: 'default', lifetimeMs: 60_000 },
    });

  it('none: a token for identity, and a request for what it proves, gets a certificate', async () => {
    expect(await certify({})).toMatchObject({ code: 0 });
  });

  it.each<
    [what: string, request: () => Promise<Request>, code: number, message: () => string, reason: string]
  >([
    [
      'a token for somebody else',
      async () => ({ token: await token('--audience=somebody.else') }),
      INVALID_ARGUMENT,
      () => `authentication token for ${own()} is invalid: `,
      'token_invalid',
    ],
    [
      'a forged token',
      async () => ({ token: forged() }),
      INVALID_ARGUMENT,
      () => `authentication token for ${own()} is invalid: `,
      'token_invalid',
    ],
    [
      'a token that is not valid any more',
      async () => ({ token: await revoked() }),
      INVALID_ARGUMENT,
      () => `authentication token for ${own()} is invalid: `,
      'token_invalid',
    ],
    [
      'what is no token',
      async () => ({ token: 'nothing of the kind' }),
      INVALID_ARGUMENT,
      () => `authentication token for ${own()} is invalid: it has characters that no token has`,
      'token_invalid',
    ],
    [
      'a token of another service account',
      async () => ({ identity: other() }),
      FAILED_PRECONDITION,
      () => `requested identity did not match provided token: requested=${other()}; found=${own()}`,
      'identity_mismatch',
    ],
    [
      'a certificate request for another identity',
      async () => ({ csr: createCsr(other(), key) }),
      FAILED_PRECONDITION,
      () =>
        `requested identity did not match certificate signing request: requested=${own()}; found=${other()}`,
      'csr_names',
    ],
    [
      'a certificate request that is none',
      async () => ({ csr: Buffer.from('let me in') }),
      INVALID_ARGUMENT,
      () => '',
      'bad_request',
    ],
  ])('%s: refused, logged and counted', async (_what, request, code, message, reason) => {
    const since = new Date();
    const asked = await request();
    const count = () => metricOf('identity', 'identity_certificates_refused_total', { reason });
    const before = await count();
    expect(await certify(asked)).toEqual({ code, message: expect.stringContaining(message()) });
    expect(await count()).toBe(before + 1);
    const log = await logOf('identity', since);
    const line = log.find((each) => each.includes('certificate refused'));
    expect(line).toContain(`identity=${asked.identity ?? own()} reason=${reason}`);
    expect(log.join()).not.toContain(asked.token ?? 'eyJ');
  });
}
