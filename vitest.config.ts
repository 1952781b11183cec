import { defineConfig } from 'vitest/config'

/** For every project. They do not extend the root, whose global setup would then run once for each of them. */
const ofAll = { environment: 'node', pool: 'forks', testTimeout: 30_000, hookTimeout: 60_000 } as const

const oxc = { jsx: { runtime: 'automatic', importSource: 'preact' } } as const

/** Races whose figures depend on how fast the servers are: each of these has the machine to itself. */
const MEASURING = ['test/race/{rate-limits,load-shedding}.test.ts']

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    teardownTimeout: 60_000,
    projects: [
      {
        // These talk to an app inside their own process and leave nothing global behind: the files of a worker share the
        // loaded modules, because loading them takes longer than most files run.
        oxc,
        test: {
          ...ofAll,
          name: 'spec',
          include: ['test/{spec,unit}/**/*.test.{ts,tsx}'],
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // A process per file: servers, sockets and signal handlers of one file never meet those of another. They wait for
        // child processes and browsers a good part of their time, so one more than there are cores runs at once.
        oxc,
        test: {
          ...ofAll,
          name: 'suite',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/{spec,unit,race}/**'],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Each of these keeps several servers busy: after the others, and two at a time.
        test: {
          ...ofAll,
          name: 'race',
          include: ['test/race/**/*.test.ts'],
          exclude: MEASURING,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: { ...ofAll, name: 'measuring', include: MEASURING, maxWorkers: 1, sequence: { groupOrder: 3 } },
      },
    ],
  },
})
