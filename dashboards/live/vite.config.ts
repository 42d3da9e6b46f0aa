import { defineConfig } from 'vite';

/** Builds the page into dist/live: relative addresses, so that it also works below a reverse proxy's path. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: {
    outDir: '../../dist/live',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
