// Fetches a page and prints its body: fetch.mjs URL
const [url] = process.argv.slice(2);
process.stdout.write(await (await fetch(url)).text());
