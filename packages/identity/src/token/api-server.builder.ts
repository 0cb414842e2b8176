import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiClient } from '@weft/kubernetes';

export interface Review {
  readonly token: string;
  readonly audiences?: readonly string[];
}

/** An API server that answers TokenReviews, over real HTTP; undefined: it fails. */
export async function anApiServer(status: (review: Review) => object | undefined) {
  const reviews: Review[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { spec } = JSON.parse(text) as { spec: Review };
    reviews.push(spec);
    const answer = status(spec);
    response
      .writeHead(answer === undefined ? 500 : 201, { 'content-type': 'application/json' })
      .end(JSON.stringify({ kind: 'TokenReview', status: answer ?? 'Failure' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  const connection = {
    server: new URL(`http://127.0.0.1:${port}`),
    credentials: async () => ({ agent, headers: {} }),
    refresh: () => {},
  };
  const close = async () => {
    agent.destroy();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { api: new ApiClient({ connection, userAgent: 'weft-identity' }), reviews, close };
}
