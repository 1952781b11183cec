// The word list of `npm run lint`, as a program: each word is found and reported with its place and a suggestion.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const program = fileURLToPath(new URL('../../scripts/check-wording.mjs', import.meta.url))

const rejected = [
  ['nobody', '// Nobody asked.'],
  ['nobody, as identifier', 'const nobodyAsked = 1'],
  ['nobody, with s', 'const nobodys = 1'],
  ['somebody', "const text = 'somebody else'"],
  ['whoever', '// Whoever comes first.'],
  ['told', '// The client is told.'],
  ['told, as identifier', 'const isTold = true'],
  ['told, as column', "const column = 'told_clients'"],
  ['told, as constant', 'const CLIENTS_TOLD = 1'],
  ['so many', '// Waits so many seconds.'],
  ['so many, as identifier', 'const soMany = 1'],
  ['so many, as constant', 'const SO_MANY = 1'],
  ['so many, over two lines', '// Waits so\n// many seconds.'],
  ['so many, in a block comment', '/* Waits so\n * many seconds. */'],
  ['so long as', '// so long as it is open'],
  ['for so long', '// for so long'],
  ['some while', '// after some while'],
  ['hangs from', '// what hangs from it'],
  ['hang from', '// they hang from it'],
  ['takes back', '// takes back a consent'],
  ['take back', '// take back a consent'],
  ['taken back', '// is taken back'],
  ['is none', '// an error is none'],
  ['hears of', '// hears of changes'],
  ['nothing of', '// knows nothing of HTTP'],
]

const accepted = [
  'const sold = untold',
  '// as long as it is open, and for many hours',
  "const text = 'Sie haben sich abgemeldet. Dies ist niemandem bekannt.'",
  '// This nonetheless holds. It has nothing offered.',
  '// The lamp hangs there. Go back.',
]

function check(...paths: string[]) {
  const { status, stderr } = spawnSync(process.execPath, [program, ...paths], { encoding: 'utf8' })
  return { status, findings: stderr.split('\n').filter((line) => line !== '') }
}

let folder: string
/** The findings in one file for each sample, each on line 2. */
let findings: string[]
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cerberus-wording-'))
  for (const [index, [, text]] of rejected.entries()) sample(`rejected-${index}.ts`, text)
  for (const [index, text] of accepted.entries()) sample(`accepted-${index}.ts`, text)
  findings = check(folder).findings
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sample = (name: string, text: string | undefined) => writeFileSync(join(folder, name), `// first line\n${text}\n`)

const findingsIn = (name: string) => findings.filter((line) => line.includes(`/${name}:`))

describe('check-wording', () => {
  it.each(rejected.map(([word, text], index) => ({ word, text, index })))('finds $word: $text', ({ index }) => {
    expect(findingsIn(`rejected-${index}.ts`)).toEqual([expect.stringMatching(/:2: ".+": \w/)])
  })

  it.each(accepted.map((text, index) => ({ text, index })))('accepts $text', ({ index }) => {
    expect(findingsIn(`accepted-${index}.ts`)).toEqual([])
  })

  it('reports each place in a folder in the order of lines, and fails', () => {
    const nested = mkdtempSync(join(folder, 'nested-'))
    writeFileSync(join(nested, 'page.md'), 'Whoever asks is told.\n\nNobody else.\n')
    writeFileSync(join(nested, 'picture.png'), 'nobody')
    const { status, findings: found } = check(nested)
    expect(found.map((line) => line.replace(/^.*\//, '').replace(/": .*/, ''))).toEqual([
      'page.md:1: "Whoever',
      'page.md:1: "told',
      'page.md:3: "Nobody',
    ])
    expect(status).toBe(1)
  })
})

describe('the repository', () => {
  it('has no such word in what is checked', () => {
    expect(check()).toEqual({ status: 0, findings: [] })
  })
})
