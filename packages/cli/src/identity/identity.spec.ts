import { X509Certificate } from 'node:crypto';
import { type AddressInfo, connect, createServer as createPlainServer } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { testPod } from '../check/state.builder.ts';
import { proxyIdentityOf } from '../mesh/proxy-identity.ts';
import { certificateText } from './certificate-text.ts';
import { leafFor } from './leaf.builder.ts';
import { peerCertificates } from './peer-certificates.ts';

const leaf = leafFor('web.shop');

describe('the certificate of a proxy', () => {
  let server: Server | undefined;
  const names: unknown[] = [];

  afterEach(() => {
    server?.close();
  });

  async function serve(handle: (socket: TLSSocket) => void = () => {}): Promise<number> {
    server = createServer(
      {
        key: leaf.keyPem,
        cert: leaf.certChainPem + leaf.anchor.certChainPem,
        minVersion: 'TLSv1.3',
        SNICallback: (name, done) => {
          names.push(name);
          done(null);
        },
      },
      handle,
    );
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server?.once('listening', resolve));
    return (server.address() as AddressInfo).port;
  }

  it('is what a handshake for its name shows, with the chain', async () => {
    const port = await serve();
    const chain = await peerCertificates(connect(port, '127.0.0.1'), 'web.shop');
    expect(chain.map(({ subject }) => subject)).toEqual(['CN=web', 'CN=root']);
    expect(names).toEqual(['web.shop']);
  });

  it('says that there was none where the other side speaks no TLS', async () => {
    const plain = createPlainServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    plain.listen(0, '127.0.0.1');
    await new Promise((resolve) => plain.once('listening', resolve));
    const { port } = plain.address() as AddressInfo;
    await expect(peerCertificates(connect(port, '127.0.0.1'), 'web.shop')).rejects.toThrow(
      /wrong version number|packet/,
    );
    plain.close();
  });

  it('is printed as OpenSSL lays it out', () => {
    const certificate = new X509Certificate(leaf.certChainPem);
    expect(certificateText(certificate)).toBe(`Certificate:
    Data:
        Version: 3 (0x2)
        Serial Number:
            1a:2b
        Signature Algorithm: ecdsa-with-SHA256
        Issuer: CN=root
        Validity
            Not Before: ${certificate.validFrom}
            Not After : ${certificate.validTo}
        Subject: CN=web
        Subject Public Key Info:
            Public Key Algorithm: ECDSA P-256
        X509v3 extensions:
            X509v3 Extended Key Usage:
                TLS Web Server Authentication, TLS Web Client Authentication
            X509v3 Basic Constraints:
                CA:FALSE
            X509v3 Subject Alternative Name:
                DNS:web.shop
    SHA-256 Fingerprint: ${certificate.fingerprint256}
`);
  });
});

describe('the identity of a proxy', () => {
  it('is what its variables make of it', () => {
    const env = [
      { name: '_l5d_ns', value: 'mesh' },
      {
        name: 'LINKERD2_PROXY_IDENTITY_LOCAL_NAME',
        value: '$(_pod_sa).$(_pod_ns).serviceaccount.identity.$(_l5d_ns).cluster.local',
      },
    ];
    expect(proxyIdentityOf(testPod({ proxy: { env }, spec: {} }))).toBe(
      'default.shop.serviceaccount.identity.mesh.cluster.local',
    );
    expect(proxyIdentityOf(testPod())).toBeUndefined();
  });
});
