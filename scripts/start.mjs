// `npm start`: compiles if need be, reads .env, and becomes the server.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { isStale } from './build.mjs'

// In a process of its own, so that the server does not carry the compiler's memory.
if (isStale()) {
  const build = fileURLToPath(new URL('build.mjs', import.meta.url))
  const { status } = spawnSync(process.execPath, [build], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

await import('./load-environment.mjs')
await import('../dist/bundle/server/main.js')
