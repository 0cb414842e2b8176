// Reads a page of metrics again and again, and prints a line of JSON with the samples whose lines begin so:
// sampler.mjs EVERY_MS URL BEGINNING…
const [everyMs, url, ...beginnings] = process.argv.slice(2);

setInterval(async () => {
  const at = Date.now();
  try {
    const page = await (await fetch(url, { signal: AbortSignal.timeout(5000) })).text();
    const lines = page
      .split('\n')
      .filter((line) => beginnings.some((beginning) => line.startsWith(beginning)));
    console.log(JSON.stringify({ at, page: lines.join('\n') }));
  } catch (error) {
    console.error(error.message);
  }
}, Number(everyMs));
process.on('SIGTERM', () => process.exit(0));
