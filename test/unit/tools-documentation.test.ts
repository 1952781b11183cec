import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProgram } from '../../packages/cli/src/program.ts'
import { resources } from '../../packages/cli/src/directory/resources.ts'
import { exitCodes } from '../../packages/cli/src/failure.ts'
import { createTestApp, type TestApp } from '../support/app.ts'
import { readDocument } from '../support/markdown.ts'

type Command = ReturnType<typeof createProgram>

interface Operation {
  operationId: string
  tags: string[]
}

/** The rows of all tables of a page, by column head. */
function rowsOf(text: string): Record<string, string>[] {
  const rows: Record<string, string>[] = []
  let head: string[] = []
  for (const line of text.split('\n')) {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    if (cells.length === 0) head = []
    else if (head.length === 0) head = cells
    else if (!/^-+$/.test(cells[0] ?? '')) {
      rows.push(Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ''])))
    }
  }
  return rows
}
const quoted = (text: string | undefined) => [...(text ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

const page = readDocument('docs/tools.md')
const rows = rowsOf(page)

let test: TestApp
let operations: Operation[]
beforeAll(async () => {
  test = await createTestApp()
  const document = (await test.app.inject('/openapi.json')).json<{ paths: Record<string, Record<string, Operation>> }>()
  operations = Object.values(document.paths).flatMap((item) => Object.values(item))
})
afterAll(() => test.close())

/** Every command without subcommands, by its words. */
function verbsOf(command: Command, words: string[] = []): { verb: string; options: string[] }[] {
  const here = command.createHelp().visibleCommands(command)
  const below = here.flatMap((one) => verbsOf(one, [...words, one.name()]))
  if (here.length > 0) return below
  return [{ verb: words.join(' '), options: command.options.map(({ long }) => long ?? '') }]
}
const verbs = verbsOf(createProgram('0.0.0'))

describe('docs/tools.md', () => {
  it('has a row for each operation on users, teams, clients, roles, registration and signing keys', () => {
    const managed = operations.filter(({ tags: [tag = ''] }) =>
      [
        'Users',
        'User attributes',
        'Teams',
        'Domains',
        'Service accounts',
        'Clients',
        'Organisation',
        'Organisations',
        'Roles',
        'Permissions',
        'Registration',
        'Signing keys',
        'Audit log',
        'API keys',
        'Invitations',
        'Mails',
        'Webhooks',
        'Resources',
        'Events',
      ].includes(tag),
    )
    const documented = new Set(quoted(page))
    expect(managed.length).toBeGreaterThan(35)
    expect(managed.map(({ operationId }) => operationId).filter((id) => !documented.has(id))).toEqual([])
  })

  it('names only existing operations', () => {
    const ids = new Set(operations.map(({ operationId }) => operationId))
    const named = rows.flatMap((row) => [...quoted(row['curl']), ...quoted(row['Registration'])])
    const asked = named.filter((name) => !['?dryRun=true', 'If-Match'].includes(name))
    expect(asked.length).toBeGreaterThan(40)
    expect(asked.filter((name) => !ids.has(name))).toEqual([])
  })

  it('names only existing commands and options', () => {
    const named = rows.flatMap((row) => quoted(row['CLI']))
    const unknown = named.filter((text) => {
      const [, words = '', option] = /^(.*?) ?(--\S+)?$/.exec(text) ?? []
      const meant = words === '' ? verbs : verbs.filter(({ verb }) => verb === words)
      return !meant.some(({ options }) => option === undefined || options.includes(option))
    })
    expect(named.length).toBeGreaterThan(35)
    expect(unknown).toEqual([])
  })

  it('lists every command that administers', () => {
    const named = new Set(rows.flatMap((row) => quoted(row['CLI'])))
    const families = new Set([
      'client',
      'registration',
      'trace',
      'key',
      'token',
      'audit',
      ...resources.map(({ noun }) => noun as string),
    ])
    const kept = verbs.map(({ verb }) => verb).filter((verb) => families.has(verb.split(' ')[0] ?? ''))
    expect(kept.length).toBeGreaterThan(100)
    expect(kept.filter((verb) => !named.has(verb))).toEqual([])
  })

  it('has no empty cells', () => {
    expect(rows.filter((row) => Object.values(row).includes(''))).toEqual([])
  })
})

describe('docs/cli.md', () => {
  it('lists exactly the exit codes of the command', () => {
    const documented = [...readDocument('docs/cli.md').matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
    expect(documented).toEqual(Object.values(exitCodes))
  })
})
