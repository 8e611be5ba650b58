import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

/** Bundled although they are dependencies: ES modules, which CommonJS cannot `require` before Node 20.19 and in an old Electron. */
const bundled = [
  'lowdb',
  'steno',
  'canonicalize',
  '@orpc/client',
  '@orpc/contract',
  '@orpc/server',
  'ssh-config',
  'zod',
];

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: 'node16',
      externalizeDeps: { exclude: bundled },
      rollupOptions: {
        input: {
          index: resolve('src/main/index.ts'),
          cli: resolve('src/main/cli.ts'),
          'index-worker': resolve('src/main/analyze/index/worker.ts'),
          demo: resolve('scripts/demo.ts'),
          bench: resolve('tests/bench/bench.ts'),
        },
        output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunks/[name]-[hash].cjs' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { index: resolve('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [react()],
    build: {
      outDir: 'out/renderer',
      target: 'chrome108',
      rollupOptions: { input: { index: resolve('src/renderer/index.html') } },
    },
  },
});
