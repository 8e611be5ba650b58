import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

/** Bundled although they are dependencies: ES modules that a CommonJS main process of an old Electron cannot `require`. */
const bundled = ['lowdb', 'steno', 'canonicalize', /^@orpc\//, 'ssh-config', 'zod'];

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: 'node16',
      externalizeDeps: { exclude: bundled.filter((d) => typeof d === 'string') },
      rollupOptions: {
        input: {
          index: resolve('src/main/index.ts'),
          cli: resolve('src/main/cli.ts'),
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
