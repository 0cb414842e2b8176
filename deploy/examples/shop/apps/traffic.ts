import { setting } from './settings.ts';
import { onShutdown } from './shutdown.ts';

/** Asks for the pages and orders of the shop at a steady pace and tells every few seconds how it went. */
const shop = setting('SHOP_URL', 'http://web');
const rate = Number(setting('REQUESTS_PER_SECOND', '20'));

const counts = { sent: 0, failed: 0 };

async function ask(path: string, method = 'GET'): Promise<string> {
  counts.sent += 1;
  try {
    const response = await fetch(shop + path, { method, signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    if (!response.ok) {
      // A proxy that has no answer to pass on says why.
      throw new Error(`${response.status} ${response.headers.get('l5d-proxy-error') ?? text.trim()}`);
    }
    return text;
  } catch (error) {
    counts.failed += 1;
    console.error(`${method} ${path}: ${(error as Error).message}`);
    return '';
  }
}

/** One visit: the front page, and now and then an order that is followed to its end. */
async function visit(number: number): Promise<void> {
  await ask('/');
  if (number % 4 !== 0) return;
  const receipt = await ask('/orders?item=tea', 'POST');
  if (receipt !== '') await ask(`/orders/${(JSON.parse(receipt) as { id: string }).id}`);
}

let visits = 0;
const visitor = setInterval(() => void visit(visits++), 1000 / rate);
const teller = setInterval(() => console.log(JSON.stringify(counts)), 2000);

onShutdown(async () => {
  clearInterval(visitor);
  clearInterval(teller);
  console.log(JSON.stringify(counts));
});
