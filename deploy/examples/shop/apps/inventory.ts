import { setting } from './settings.ts';

/** Counts the stock once, by asking the shop, and tells its own proxy that the work is done. */
const response = await fetch(setting('SHOP_URL', 'http://web'));
await response.text();
console.log(`the shop answered ${response.status}; the stock is counted`);

const shutdown = await fetch('http://localhost:4191/shutdown', { method: 'POST' });
console.log(`proxy: ${shutdown.status} ${(await shutdown.text()).trim()}`);
process.exit(response.ok ? 0 : 1);
