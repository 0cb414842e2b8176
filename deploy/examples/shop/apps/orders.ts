import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { createTransport } from 'nodemailer';
import { type Order, Orders, type Receipt, type Step } from './orders-service.ts';
import { setting } from './settings.ts';
import { onShutdown } from './shutdown.ts';
import { followPrice } from './ticker-client.ts';

const STEPS = ['received', 'packed', 'sent'];
const STEP_MS = 100;

const price = followPrice(setting('TICKER_URL', 'ws://ticker/prices'));
const mail = createTransport({
  host: setting('MAIL_HOST', 'mail'),
  port: Number(setting('SMTP_PORT', '25')),
  pool: true,
  maxConnections: 2,
  ignoreTLS: true,
});

async function place(call: ServerUnaryCall<Order, Receipt>, respond: sendUnaryData<Receipt>): Promise<void> {
  const { item, quantity } = call.request;
  const receipt = { id: randomUUID(), price: price.latest * quantity };
  try {
    await mail.sendMail({
      from: 'orders@shop.example',
      to: 'customer@shop.example',
      subject: `Your order ${receipt.id}`,
      text: `${quantity} × ${item}: ${(receipt.price / 100).toFixed(2)}`,
    });
    respond(null, receipt);
  } catch (error) {
    respond({ code: status.UNAVAILABLE, details: `no mail could be sent: ${(error as Error).message}` });
  }
}

function follow(call: ServerWritableStream<Receipt, Step>): void {
  const steps = STEPS.map((state) => ({ id: call.request.id, state }));
  const timer = setInterval(() => {
    const step = steps.shift();
    if (step) call.write(step);
    else call.end();
  }, STEP_MS);
  call.on('close', () => clearInterval(timer));
}

const server = new Server();
server.addService(Orders.service, { Place: place, Follow: follow });
const port = Number(setting('PORT', '50051'));
server.bindAsync(`0.0.0.0:${port}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
  console.log(`orders are taken on port ${port}`);
});

// The probes' own port: a gRPC server answers no plain GET.
const health = createServer((_request, response) => response.writeHead(price.open ? 200 : 503).end());
health.listen(Number(setting('HEALTH_PORT', '8081')));

onShutdown(async () => {
  await new Promise((resolve) => server.tryShutdown(resolve));
  price.close();
  mail.close();
});
