// No file of ours is longer than 300 lines: what is longer has two subjects.
import { readdirSync, readFileSync } from 'node:fs';

const LIMIT = 300;
let faults = 0;
for (const root of ['src', 'e2e', 'scripts']) {
  const folder = new URL(`../${root}/`, import.meta.url);
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!/\.(ts|tsx|mjs|css)$/.test(name) || name.endsWith('schema.ts')) continue;
    const lines = readFileSync(new URL(name, folder), 'utf8').split('\n').length - 1;
    if (lines > LIMIT) {
      console.error(`${root}/${name}: ${lines} lines, the limit is ${LIMIT}`);
      faults += 1;
    }
  }
}
process.exit(faults ? 1 : 0);
