// Writes the types of the API from `openapi.json`, or (--check) says whether they are fresh.
import { readFileSync, writeFileSync } from 'node:fs';
import openapi, { astToString } from 'openapi-typescript';

const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));
// The server names operations after functions, of which many are called `list`. Their paths are
// unique.
for (const [path, methods] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    if (operation.operationId) operation.operationId = `${method} ${path}`;
  }
}
const target = new URL('../src/api/schema.ts', import.meta.url);
const wanted =
  '// Generated from `openapi.json` by `npm run client`. Do not edit.\n\n' +
  // Of what is free by nature (definitions, what events say) nothing is known.
  astToString(await openapi(document, { emptyObjectsUnknown: true }));

if (process.argv.includes('--check')) {
  let found = '';
  try {
    found = readFileSync(target, 'utf8');
  } catch {
    // An absent file is a stale one.
  }
  if (found !== wanted) {
    console.error('src/api/schema.ts is not what openapi.json says: run `npm run client`');
    process.exit(1);
  }
} else {
  writeFileSync(target, wanted);
}
