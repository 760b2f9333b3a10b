import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// The gateway puts a fresh nonce in place of this text every time it serves index.html (Content-Security-Policy).
const NONCE_PLACEHOLDER = '__CSP_NONCE__';

// A helper for tests in @rjsf/core names this validator, which needs `eval`; the console brings one that does not.
const AJV = '@rjsf/validator-ajv8';
const withoutAjv: Plugin = {
  name: 'without-ajv',
  enforce: 'pre',
  resolveId: (id) => (id === AJV ? `\0${AJV}` : null),
  load: (id) => (id === `\0${AJV}` ? 'export default undefined' : null),
};

const COMPONENTS = /node_modules\/(antd|@ant-design|@rc-component)\//;

export default defineConfig({
  plugins: [react(), withoutAjv],
  html: { cspNonce: NONCE_PLACEHOLDER },
  build: {
    target: 'es2023',
    manifest: true, // e2e/size.mjs reads from it what the first list route loads
    chunkSizeWarningLimit: 1500, // the gzip size is what counts: e2e/size.mjs
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // Few files: what the sign-in needs, what nearly every page needs of antd, and the console's own wrappers.
        codeSplitting: {
          groups: [
            {
              name: 'base',
              test: /node_modules\/(react|react-dom|scheduler|react-router|i18next|react-i18next|openapi-fetch|@tanstack)\//,
              priority: 3,
            },
            {
              name: 'core',
              test: /\/src\/(api|i18n|session\/session|app\/(chunks|dark|title|times))/,
              minShareCount: 12,
              priority: 3,
            },
            { name: 'components', test: COMPONENTS, minShareCount: 32, priority: 2 },
            { name: 'lists', test: COMPONENTS, minShareCount: 12, priority: 1 },
            {
              name: 'wrappers',
              test: /\/src\/wrappers\/(ListPage|DataTable|QueryBar|use|place|trail|DetailPage)/,
              minShareCount: 8,
              priority: 1,
            },
          ],
        },
      },
    },
  },
  // `npm run dev`: the API of a running `make run`; the table of formats lies with the server's code.
  server: { proxy: { '/api': 'http://127.0.0.1:8000' }, fs: { allow: ['.', '../shared/delivery_shared'] } },
});
