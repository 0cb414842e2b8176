import { credentials, type ServiceError } from '@grpc/grpc-js';
import { Orders } from './orders-service.ts';
import { setting } from './settings.ts';
import { onShutdown } from './shutdown.ts';

/** Tries what it is not allowed: an order past the shop's front door, and the ticker. */
const orders = new Orders(setting('ORDERS_ADDRESS', 'orders:50051'), credentials.createInsecure());
const ticker = setting('TICKER_URL', 'http://ticker');

function tryOrder(): void {
  const deadline = Date.now() + 2000;
  orders.Place!({ item: 'everything', quantity: 1000 }, { deadline }, (error: ServiceError | null) => {
    console.log(error ? `order: ${error.code} ${error.details}` : 'order: taken');
  });
}

async function tryTicker(): Promise<void> {
  try {
    const { status } = await fetch(ticker, { signal: AbortSignal.timeout(2000) });
    console.log(`ticker: ${status}`);
  } catch (error) {
    console.log(`ticker: ${(error as Error).message}`);
  }
}

const timer = setInterval(() => {
  tryOrder();
  void tryTicker();
}, 1000);

onShutdown(() => {
  clearInterval(timer);
  orders.close();
});
