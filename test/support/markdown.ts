// The code blocks of the docs, for the tests that run them.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ROOT } from './server-processes.ts'

export interface Block {
  /** The info string of the opening fence. */
  language: string
  content: string
  /** Line number of its opening fence, from 1. */
  line: number
}

/** Paths of all documents from the root: Markdown files in the root folder and below docs/. */
export function documents(): string[] {
  const below = readdirSync(join(ROOT, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
  const beside = readdirSync(ROOT).filter((name) => name.endsWith('.md'))
  return [...beside, ...below.filter((name) => name.endsWith('.md'))].sort()
}

export const readDocument = (name: string): string => readFileSync(join(ROOT, name), 'utf8')

/** The code blocks of a text in order: fenced ones, and indented ones with the language `indented`. */
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
  if (open) throw new Error(`The code block at line ${open.line} is not closed.`)
  return blocks
}
