import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Where `npm run dev` finds the server. The key is for development only: it stays in the proxy and
// is part of nothing that is built.
const server = process.env.CAUCE_SERVER ?? 'http://127.0.0.1:7070';
const key = process.env.CAUCE_KEY;
const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
const proxied = { target: server, headers, changeOrigin: true };
const proxy = { '/v1': proxied, '/errors': proxied };

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  build: {
    target: 'es2023',
    manifest: true,
    // A file that is written into another as `data:` would need a weaker policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 900,
  },
  server: { proxy },
  preview: { proxy },
  test: { include: ['src/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0]);
