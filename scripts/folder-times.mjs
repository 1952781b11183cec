// A reporter for vitest that says at the end of a run where its time went, folder by folder.
import { dirname, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const tests = fileURLToPath(new URL('../test', import.meta.url))

/** Seconds that a file kept its worker busy: loading, hooks and tests. */
function secondsOf(testModule) {
  const { environmentSetupDuration, prepareDuration, setupDuration, collectDuration, duration } =
    testModule.diagnostic()
  return (environmentSetupDuration + prepareDuration + setupDuration + collectDuration + duration) / 1000
}

function folderOf({ moduleId }) {
  const folder = relative(tests, dirname(moduleId)).split(sep).join('/')
  return folder === '' ? '.' : folder
}

export default class FolderTimes {
  #started = performance.now()

  onTestRunEnd(testModules) {
    const folders = new Map()
    for (const testModule of testModules) {
      const name = folderOf(testModule)
      const folder = folders.get(name) ?? { seconds: 0, files: 0 }
      folders.set(name, { seconds: folder.seconds + secondsOf(testModule), files: folder.files + 1 })
    }
    const rows = [...folders].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const width = Math.max(0, ...rows.map(([name]) => name.length))
    console.log('Seconds of the workers per folder of test/:')
    for (const [name, { seconds, files }] of rows) {
      console.log(
        `  ${name.padEnd(width)} ${seconds.toFixed(1).padStart(7)}  in ${files} ${files === 1 ? 'file' : 'files'}`,
      )
    }
    console.log(`The run took ${((performance.now() - this.#started) / 1000).toFixed(1)} seconds.`)
  }
}
