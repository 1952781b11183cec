import { defineConfig } from 'vitest/config'

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    environment: 'node',
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
    projects: [
      {
        // These talk to an app inside their own process and leave nothing global behind: the files of a worker share the
        // loaded modules, because loading them takes longer than most files run.
        extends: true,
        test: {
          name: 'spec',
          include: ['test/{spec,unit}/**/*.test.{ts,tsx}'],
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // A process per file: servers, sockets and signal handlers of one file never meet those of another.
        extends: true,
        test: {
          name: 'suite',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/{spec,unit,race}/**'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Each of these keeps several servers busy: after the others, and one at a time.
        extends: true,
        test: { name: 'race', include: ['test/race/**/*.test.ts'], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
