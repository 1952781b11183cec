// `npm start`: compiles if need be, reads .env, and becomes the server.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isStale } from './build.mjs'

// In a process of its own, so that the server does not carry the compiler's memory.
if (isStale()) {
  const build = fileURLToPath(new URL('build.mjs', import.meta.url))
  const { status } = spawnSync(process.execPath, [build], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

// Variables that are already set win over the file's.
const environment = fileURLToPath(new URL('../.env', import.meta.url))
if (existsSync(environment)) process.loadEnvFile(environment)

await import('../dist/server/main.js')
