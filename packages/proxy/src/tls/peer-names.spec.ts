import { afterEach, describe, expect, it } from '@jest/globals';
import { Authority, type CertificateShape, dnsName, uriName } from './certificates.builder.ts';
import { connectTls } from './connect-tls.ts';
import { Credentials } from './credentials.ts';
import { TlsServer } from './mesh-tls.builder.ts';

const ORDERS = 'spiffe://cluster.local/vm/orders';
const WEB = 'spiffe://cluster.local/vm/web';
const DESTINATION = 'linkerd-destination.linkerd.serviceaccount.identity.linkerd.cluster.local';

const mesh = Authority.root('mesh');
const spire = Authority.root('spire');

/** Of a proxy that trusts the mesh, and SPIRE for cluster.local. */
function credentialsOf(by: Authority, id: string, shape: CertificateShape = {}): Credentials {
  const credentials = new Credentials([mesh.certificate]);
  const name = id.includes('://') ? uriName(id) : dnsName(id);
  credentials.replace(by.certify('', { names: [name], ...shape }), {
    trustDomain: 'cluster.local',
    anchors: [spire.certificate],
  });
  return credentials;
}

describe('a trust bundle', () => {
  let server: TlsServer;
  afterEach(() => server.close());

  /** Who the server takes the client for, once the client has taken the server for `serverId`. */
  async function meet(client: Credentials, ours: Credentials, serverId: string): Promise<string | null> {
    server = await TlsServer.listen(ours);
    const dial = connectTls(server.connect, client, { serverId, serverName: 'orders', timeoutMs: 2000 });
    const accepted = server.next();
    accepted.catch(() => {});
    const { connection } = await dial(new AbortController().signal);
    const { clientId } = await accepted;
    connection.destroy();
    return clientId;
  }

  it('vouches for the names of its trust domain, over intermediates too', async () => {
    const client = credentialsOf(spire.issuer('below'), WEB);
    expect(await meet(client, credentialsOf(spire, ORDERS), ORDERS)).toBe(WEB);
  });

  it.each([
    ['a name of the mesh', DESTINATION],
    ['a name of another trust domain', 'spiffe://cluster.local.example/vm/web'],
  ])('does not vouch for %s', async (_, id) => {
    expect(await meet(credentialsOf(spire, id), credentialsOf(spire, ORDERS), ORDERS)).toBeNull();
    server.close();
    const posing = credentialsOf(spire, id);
    await expect(meet(credentialsOf(spire, WEB), posing, id)).rejects.toThrow(/expected .* of nobody/);
  });

  it('leaves the anchors of the mesh what they were', async () => {
    const client = credentialsOf(mesh.issuer(), DESTINATION);
    expect(await meet(client, credentialsOf(mesh.issuer(), DESTINATION), DESTINATION)).toBe(DESTINATION);
  });
});
