import { afterEach, describe, expect, it } from '@jest/globals';
import { type SocketPair, socketPair } from '../transport/socket-pair.builder.ts';
import { dnsName } from './certificates.builder.ts';
import type { CertifiedKey } from './credentials.ts';
import { type Handshaken, handshake } from './handshake.ts';
import { credentialsOf, issuer, ORDERS, WEB } from './mesh-tls.builder.ts';
import { peerCertificate, peerCertificateDer } from './peer-certificate.ts';
import { identify } from './peer-identity.ts';

describe("a peer's certificate", () => {
  let pair: SocketPair;
  const open: Handshaken[] = [];
  afterEach(() => {
    pair.close();
    for (const { connection } of open.splice(0)) connection.destroy();
  });

  /** Both ends of TLS between a server and a client with this certificate, or none. */
  const handshaken = async (certified?: CertifiedKey) => {
    pair = await socketPair();
    const bounds = { timeoutMs: 2000 };
    const [atServer, atClient] = await Promise.all([
      handshake(
        pair.server,
        { isServer: true, secureContext: credentialsOf(issuer.certify(ORDERS)).secureContext },
        bounds,
      ),
      handshake(
        pair.client,
        { isServer: false, secureContext: credentialsOf(certified).secureContext, serverName: ORDERS },
        bounds,
      ),
    ]);
    open.push(atServer, atClient);
    return { atServer, atClient };
  };

  it('is what it has shown, on either side', async () => {
    const web = issuer.certify(WEB);
    const { atServer, atClient } = await handshaken(web);
    expect(peerCertificateDer(atServer.tls)?.equals(web.leaf.raw)).toBe(true);
    expect(peerCertificateDer(atClient.tls)?.equals(peerCertificate(atClient.tls).raw)).toBe(true);
  });

  it('comes with what was sent above it', async () => {
    const web = issuer.certify(WEB);
    const { atServer } = await handshaken(web);
    expect(peerCertificate(atServer.tls).issuerCertificate?.raw.equals(web.intermediates[0]!.raw)).toBe(true);
  });

  it('may be missing, and is nobody then', async () => {
    const { atServer } = await handshaken();
    expect(peerCertificateDer(atServer.tls)).toBeNull();
    expect(identify(atServer, credentialsOf())).toBeNull();
  });

  it('is known by its own names, though another of the same subject was seen before', async () => {
    for (const name of ['first.shop', 'second.shop']) {
      const { atServer } = await handshaken(issuer.certify(WEB, { names: [dnsName(name)] }));
      expect(identify(atServer, credentialsOf())?.names).toEqual([{ kind: 'dns', name }]);
      pair.close();
    }
  });
});
