import { setting } from './settings.ts';
import { onShutdown } from './shutdown.ts';

/** Fetches figures from a service outside the mesh, over a port its proxy leaves alone. */
const source = setting('LEGACY_URL', 'http://legacy:9000');

const timer = setInterval(async () => {
  try {
    const response = await fetch(`${source}/figures`, { signal: AbortSignal.timeout(2000) });
    await response.text();
  } catch (error) {
    console.log(`legacy: ${(error as Error).message}`);
  }
}, 500);

onShutdown(() => clearInterval(timer));
