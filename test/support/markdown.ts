// What the documents have in fences, for the tests that hold them to what they say.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ROOT } from './server-processes.ts'

export interface Block {
  /** What stands behind the opening fence. */
  language: string
  content: string
  /** Of its opening fence, from 1. */
  line: number
}

/** All documents, as paths from the root: those that lie there, and docs/. */
export function documents(): string[] {
  const below = readdirSync(join(ROOT, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
  const beside = readdirSync(ROOT).filter((name) => name.endsWith('.md'))
  return [...beside, ...below.filter((name) => name.endsWith('.md'))].sort()
}

export const readDocument = (name: string): string => readFileSync(join(ROOT, name), 'utf8')

/** The blocks of a text, one after the other: of fences, and of indented lines, whose language is `indented`. */
export function parseCodeBlocks(text: string): Block[] {
  const blocks: Block[] = []
  let open: Block | undefined
  let before = ''
  for (const [index, line] of text.split('\n').entries()) {
    const [, fence] = /^\s*```(.*)$/.exec(line) ?? []
    if (open) {
      if (fence === '') {
        blocks.push(open)
        open = undefined
      } else open.content += `${line}\n`
    } else if (fence !== undefined) open = { language: fence, content: '', line: index + 1 }
    else if (/^(?: {4}|\t)\S/.test(line) && before === '') {
      blocks.push({ language: 'indented', content: `${line}\n`, line: index + 1 })
    }
    before = line
  }
  if (open) throw new Error(`The block of line ${open.line} never ends.`)
  return blocks
}
