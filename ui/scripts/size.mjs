// What the first load of the overview costs in compressed script. Fails above the limit.
import { readFileSync, statSync } from 'node:fs';

const LIMIT = 300_000;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

// What the entry imports, what the page of the overview imports, and the words of one language.
const roots = ['index.html', 'src/features/overview/Overview.tsx', 'src/text/en/index.ts'];
const seen = new Set();
const walk = (key) => {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`the build has no ${key}`);
  if (seen.has(chunk.file)) return;
  seen.add(chunk.file);
  (chunk.imports ?? []).forEach(walk);
};
roots.forEach(walk);

const size = (file, end) => {
  try {
    return statSync(new URL(file + end, dist)).size;
  } catch {
    return statSync(new URL(file, dist)).size;
  }
};
const scripts = [...seen].filter((file) => file.endsWith('.js'));
const gzip = scripts.reduce((sum, file) => sum + size(file, '.gz'), 0);
const brotli = scripts.reduce((sum, file) => sum + size(file, '.br'), 0);
console.log(`first load of the overview: ${gzip} bytes of script by gzip, ${brotli} by brotli (${scripts.length} files)`);
if (gzip > LIMIT) {
  console.error(`more than ${LIMIT} bytes: load something of it later`);
  process.exit(1);
}
