import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { defineConfig } from 'vitest/config'

const source = join(import.meta.dirname, 'src')
const compiled = join(import.meta.dirname, 'dist')

/**
 * With TEST_COMPILED, which `npm test` sets, tests import the compiled modules of the server, which Node.js loads several
 * times faster than vitest loads those of src/. Without it, a change in src/ is tested without being compiled.
 */
const compiledModules =
  process.env['TEST_COMPILED'] === undefined
    ? []
    : [
        {
          name: 'compiled-modules',
          enforce: 'pre' as const,
          resolveId(specifier: string, importer: string | undefined) {
            if (!specifier.startsWith('.') || importer === undefined) return null
            const file = resolve(dirname(importer), specifier)
            if (!file.startsWith(`${source}${sep}`)) return null
            const id = join(compiled, relative(source, file)).replace(/\.tsx?$/, '.js')
            return existsSync(id) ? { id, external: true } : null
          },
        },
      ]

/** For every project. They do not extend the root, whose global setup would then run once for each of them. */
const ofAll = {
  environment: 'node',
  pool: 'forks',
  testTimeout: 30_000,
  hookTimeout: 60_000,
  server: { deps: { external: [/\/dist\/.*\.js$/] as RegExp[] } },
} as const

const oxc = { jsx: { runtime: 'automatic', importSource: 'preact' } } as const

/** Races whose figures depend on how fast the servers are: each of these has the machine to itself. */
const MEASURING = ['test/race/{graceful-shutdown,rate-limits,load-shedding}.test.ts']

/** Races start several servers beside those of other races; what a small machine takes for that proves nothing. */
const ofRaces = { ...ofAll, testTimeout: 120_000, hookTimeout: 120_000 } as const

/** Replaces modules of the server, which other files of the worker would find replaced. */
const REPLACING_MODULES = 'test/contract/new-client-setting.test.ts'

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    teardownTimeout: 60_000,
    projects: [
      {
        // These talk to an app inside their own process and leave nothing global behind: the files of a worker share the
        // loaded modules, because loading them takes longer than most files run.
        oxc,
        plugins: compiledModules,
        test: {
          ...ofAll,
          name: 'spec',
          include: ['test/{spec,unit}/**/*.test.{ts,tsx}'],
          isolate: false,
          // They wait for PostgreSQL half of the time.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // They wait for child processes and browsers a good part of their time, so more of them than there are cores run at
        // once. The files of a worker share the loaded modules here, too.
        oxc,
        plugins: compiledModules,
        test: {
          ...ofAll,
          name: 'suite',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/{spec,unit,race}/**', REPLACING_MODULES],
          isolate: false,
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Most of these keep several servers busy: after the others, and no more than three at a time.
        plugins: compiledModules,
        test: {
          ...ofRaces,
          name: 'race',
          include: ['test/race/**/*.test.ts'],
          exclude: MEASURING,
          isolate: false,
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: { ...ofAll, name: 'replacing', include: [REPLACING_MODULES], maxWorkers: 3, sequence: { groupOrder: 2 } },
      },
      {
        plugins: compiledModules,
        test: { ...ofRaces, name: 'measuring', include: MEASURING, maxWorkers: 1, sequence: { groupOrder: 3 } },
      },
    ],
  },
})
