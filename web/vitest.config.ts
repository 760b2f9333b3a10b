import { defineConfig } from 'vitest/config';

/** Tests of what turns readings of clocks into moments: they must hold wherever the browser is. */
const OF_TIME = [
  'src/app/times.test.ts',
  'src/wrappers/pickers.test.tsx',
  'src/screens/projects/projectFilters.test.ts',
];

export default defineConfig({
  test: {
    environment: 'node',
    // rjsf names a validator that the console has none of, as it brings another.
    server: { deps: { inline: [/@rjsf/] } },
    alias: { '@rjsf/validator-ajv8': '/src/wrappers/formValidator.ts' },
    testTimeout: 30_000, // calendars are slow on a busy machine
    restoreMocks: true,
    unstubGlobals: true,
    projects: [
      { extends: true, test: { name: 'console', include: ['src/**/*.test.{ts,tsx}'], env: { TZ: 'UTC' } } },
      ...['Asia/Shanghai', 'America/Los_Angeles'].map((zone) => ({
        extends: true as const,
        test: { name: zone, include: OF_TIME, env: { TZ: zone } },
      })),
    ],
  },
});
