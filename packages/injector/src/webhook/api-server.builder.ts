import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { aKeyPair } from '@weft/admission/testing';

const metadataList = (items: object[]) => ({
  kind: 'PartialObjectMetadataList',
  apiVersion: 'meta.k8s.io/v1',
  metadata: { resourceVersion: '1' },
  items,
});

const namespace = (name: string, annotations: object) => ({
  metadata: { name, uid: name, resourceVersion: '1', annotations },
});

const replicaSet = {
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: {
    name: 'web-5d',
    namespace: 'shop',
    uid: 'u-rs',
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u-web' }],
  },
};

/** As much of an API server as the injector asks: one namespace that wants injection, one Deployment, events. */
export class SmallApiServer {
  readonly events: { reason?: string; involvedObject?: { name?: string } }[] = [];
  readonly #pair = aKeyPair('localhost');
  readonly #server: Server;

  constructor() {
    this.#server = createServer(this.#pair, async (request, response) => {
      const url = new URL(request.url ?? '', 'https://localhost');
      let body = '';
      for await (const chunk of request) body += String(chunk);
      response.setHeader('content-type', 'application/json');
      // A watch says nothing, and stays.
      if (url.searchParams.get('watch') !== null) response.flushHeaders();
      else if (url.pathname === '/api/v1/namespaces')
        response.end(JSON.stringify(metadataList([namespace('shop', { 'linkerd.io/inject': 'enabled' })])));
      else if (url.pathname === '/apis/apps/v1/namespaces/shop/replicasets/web-5d')
        response.end(JSON.stringify(replicaSet));
      else if (request.method === 'POST' && url.pathname.endsWith('/events')) {
        this.events.push(JSON.parse(body));
        response.writeHead(201).end(body);
      } else response.writeHead(404).end('{"kind":"Status","reason":"NotFound","code":404}');
    });
  }

  /** Listens and returns a kubeconfig for itself. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    const ca = Buffer.from(this.#pair.cert).toString('base64');
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 'c', cluster: { server: `https://localhost:${port}`, 'certificate-authority-data': ca } },
      ],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    });
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
