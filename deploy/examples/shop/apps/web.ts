import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { credentials } from '@grpc/grpc-js';
import { Orders, type Receipt, type Step } from './orders-service.ts';
import { setting } from './settings.ts';
import { onShutdown } from './shutdown.ts';

const orders = new Orders(setting('ORDERS_ADDRESS', 'orders:50051'), credentials.createInsecure());

const DEADLINE_MS = 5000;
const deadline = () => ({ deadline: Date.now() + DEADLINE_MS });

function place(item: string): Promise<Receipt> {
  const { promise, resolve, reject } = Promise.withResolvers<Receipt>();
  const done = (error: Error | null, receipt: Receipt) => (error ? reject(error) : resolve(receipt));
  orders.Place!({ item, quantity: 1 }, deadline(), done);
  return promise;
}

async function follow(id: string): Promise<readonly string[]> {
  const steps: string[] = [];
  const stream = orders.Follow!({ id }, deadline()) as AsyncIterable<Step>;
  for await (const { state } of stream) steps.push(state);
  return steps;
}

async function answer({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(url ?? '/', 'http://web');
  if (method === 'GET' && pathname === '/') {
    response.setHeader('content-type', 'text/html').end('<h1>The shop</h1>\n');
  } else if (method === 'GET' && pathname === '/healthz') {
    response.end('well\n');
  } else if (method === 'POST' && pathname === '/orders') {
    const receipt = await place(searchParams.get('item') ?? 'tea');
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(receipt));
  } else if (method === 'GET' && pathname.startsWith('/orders/')) {
    const steps = await follow(pathname.slice('/orders/'.length));
    response.setHeader('content-type', 'application/json').end(JSON.stringify(steps));
  } else {
    response.writeHead(404).end('no such page\n');
  }
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: Error) => {
    if (!response.headersSent) response.writeHead(502);
    response.end(`${error.message}\n`);
  });
});
server.listen(Number(setting('PORT', '8080')), () => console.log('the shop is open'));

onShutdown(async () => {
  await new Promise((resolve) => server.close(resolve));
  orders.close();
});
