import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

const START_TIMEOUT_MS = 180_000
const POLL_INTERVAL_MS = 250

/** Starts a program, and resolves when `url` answers with `status`. Rejects with its output if it exits before. */
export async function startProgram(
  program: string,
  options: readonly string[],
  { environment = {}, url, status }: { environment?: Record<string, string>; url: string; status: number },
): Promise<ChildProcess> {
  const child = spawn(program, options, { stdio: 'pipe', env: { ...process.env, ...environment } })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => output.push(text.toString()))
  child.on('error', (error) => output.push(String(error)))
  const deadline = performance.now() + START_TIMEOUT_MS
  while (performance.now() < deadline && child.exitCode === null) {
    const answered = await fetch(url).then(
      (response) => response.status,
      () => undefined,
    )
    if (answered === status) return child
    await sleep(POLL_INTERVAL_MS)
  }
  child.kill()
  throw new Error(`${program} did not start:\n${output.join('')}`)
}
