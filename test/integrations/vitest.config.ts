import { defineConfig } from 'vitest/config'

/** Tests with programs that a machine may not have. Run by: npx vitest run --config test/integrations/vitest.config.ts */
export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    include: ['test/integrations/**/*.program.ts'],
    environment: 'node',
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 240_000,
  },
})
