import { createServer } from 'node:http';
import { setting } from './settings.ts';
import { onShutdown } from './shutdown.ts';

/** A service from before the mesh: it asks the shop without a proxy, and answers what is asked of it. */
const shop = setting('SHOP_URL', 'http://web');

const server = createServer((request, response) => response.end(`legacy says hello to ${request.url}\n`));
server.listen(Number(setting('PORT', '9000')), () => console.log('legacy listens'));

const timer = setInterval(async () => {
  try {
    const response = await fetch(shop, { signal: AbortSignal.timeout(2000) });
    await response.text();
    if (!response.ok) console.log(`shop: ${response.status}`);
  } catch (error) {
    console.log(`shop: ${(error as Error).message}`);
  }
}, 500);

onShutdown(() => {
  clearInterval(timer);
  server.close();
});
