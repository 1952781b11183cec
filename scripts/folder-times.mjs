// A reporter for vitest that says at the end of a run where its time went, folder by folder.
import { dirname, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const tests = fileURLToPath(new URL('../test', import.meta.url))

/** Seconds that a file kept its worker busy: loading, hooks and tests. */
function busySeconds(testModule) {
  const { environmentSetupDuration, prepareDuration, setupDuration, collectDuration, duration } =
    testModule.diagnostic()
  return (environmentSetupDuration + prepareDuration + setupDuration + collectDuration + duration) / 1000
}

/** The folder of a file, as `.`, `race` or `spec/oauth`, after the folder that holds that one. */
function foldersOf({ moduleId }) {
  const [outer = '', inner] = relative(tests, dirname(moduleId)).split(sep)
  return [outer === '' ? '.' : outer, ...(inner === undefined ? [] : [`${outer}/${inner}`])]
}

export default class FolderTimes {
  #started = performance.now()
  #folders = new Map()

  onTestModuleQueued(testModule) {
    for (const name of foldersOf(testModule)) {
      if (!this.#folders.has(name)) this.#folders.set(name, { files: 0, busy: 0, from: performance.now(), to: 0 })
    }
  }

  onTestModuleEnd(testModule) {
    for (const name of foldersOf(testModule)) {
      const folder = this.#folders.get(name)
      if (folder === undefined) continue
      folder.files += 1
      folder.busy += busySeconds(testModule)
      folder.to = performance.now()
    }
  }

  onTestRunEnd() {
    const rows = [...this.#folders].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const width = Math.max(0, ...rows.map(([name]) => name.length))
    console.log('Seconds per folder of test/, from its first file to its last, and seconds of all workers together:')
    for (const [name, { files, busy, from, to }] of rows) {
      const elapsed = Math.max(0, to - from) / 1000
      const columns = [elapsed, busy].map((seconds) => seconds.toFixed(1).padStart(7))
      console.log(`  ${name.padEnd(width)} ${columns.join('')}  in ${files} ${files === 1 ? 'file' : 'files'}`)
    }
    console.log(`The tests took ${((performance.now() - this.#started) / 1000).toFixed(1)} seconds.`)
  }
}
