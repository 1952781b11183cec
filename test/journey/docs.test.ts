import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksOf, documents, readDocument } from '../support/markdown.ts'
import { createReader, type Reader } from '../support/reader.ts'

/** Blocks that nothing here runs, by document and first command, with the reason. */
const notRun: Readonly<Record<string, string>> = {
  'README.md: npm ci && npm start': 'installs, and goes on for ever; test/journey/curl.test.ts begins where it ends',
  'README.md: export POSTGRES_PASSWORD=': 'needs Docker',
  'README.md: npm ci && npm test': 'is what runs this',
  'CONTRIBUTING.md: npm ci': 'is what runs this',
  'docs/operations.md: npm run keys:rotate': 'acts on the database of the environment; test/spec/signing-keys.test.ts',
  'docs/tui.md: cerberus tui': 'draws on a terminal, until somebody leaves; test/journey/tui.test.ts',
  'docs/performance.md: npm run bench': 'measures for minutes',
  'docs/performance.md: npm run bench:wave': 'measures for minutes',
  'docs/performance.md: npm run bench:overload': 'measures for minutes',
  'docs/performance.md: npm run soak': 'measures for an hour',
}

const languages = new Set(['sh', 'console', 'text', 'json', 'js', 'sql', 'http'])
const pages = documents().map((name) => ({ name, blocks: blocksOf(readDocument(name)) }))
const firstCommand = (content: string) => content.split(/\n| {2}|\$\(/, 1)[0]

describe('the documents', () => {
  it('say of each block what it is, in a fence', () => {
    const others = pages.flatMap(({ name, blocks }) =>
      blocks.filter(({ language }) => !languages.has(language)).map(({ line }) => `${name}:${line}`),
    )
    expect(others).toEqual([])
  })

  it('have commands in blocks that are run, or are listed here with the reason', () => {
    const command = /^(?:\$ )?(?:curl|cerberus|npm|npx|node|docker|openssl|export|psql|sh|bash)\b/m
    const disguised = pages.flatMap(({ name, blocks }) =>
      blocks
        .filter(({ language, content }) => !['sh', 'console'].includes(language) && command.test(content))
        .map(({ line }) => `${name}:${line}`),
    )
    expect(disguised).toEqual([])
    const console = pages.flatMap(({ name, blocks }) =>
      blocks.filter(({ language }) => language === 'console').map(({ content }) => `${name}: ${firstCommand(content)}`),
    )
    expect(console.sort()).toEqual(Object.keys(notRun).sort())
  })
})

describe.each(pages.filter(({ blocks }) => blocks.some(({ language }) => language === 'sh')))(
  '$name',
  ({ name, blocks }) => {
    let reader: Reader
    beforeAll(async () => {
      reader = await createReader(name)
    }, 240_000)
    afterAll(() => reader.close())

    it('has commands that work as they stand there, one block after the other', { timeout: 120_000 }, async () => {
      for (const { language, content, line } of blocks) {
        if (language !== 'sh') continue
        const output = await reader.run(content)
        expect([`${name}:${line}`, output]).toEqual([`${name}:${line}`, expect.stringMatching(/\S/)])
      }
    })
  },
)
