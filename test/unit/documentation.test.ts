// The docs match the repository: environment variables, file paths, links, headings, quoted test titles.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseCodeBlocks } from '../support/markdown.ts'
import { oauthErrors, problemTypes } from '../../src/discovery/openapi/error-reference.ts'
import type { OAuthErrorCode } from '../../src/oauth/errors.ts'
import { defaultRoles, permissionCatalogue } from '../../src/permissions/catalogue.ts'
import { readConfig, environmentVariables } from '../../src/config/config.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
]

describe('.env.example', () => {
  const example = read('.env.example')

  it('lists every variable that is read, once, and no other', () => {
    const named = [...example.matchAll(/^# ?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name)
    expect(named.toSorted()).toEqual([...environmentVariables].toSorted())
  })

  it('sets nothing', () => {
    expect(example.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([])
  })

  it('shows defaults that have no effect when they are set', () => {
    const shown = [...example.matchAll(/^#([A-Z][A-Z_]+)=(.+)$/gm)].map(([, name = '', value = '']) => [name, value])
    expect(shown.length).toBeGreaterThan(15)
    expect(readConfig(Object.fromEntries(shown) as Record<string, string>)).toEqual(readConfig({}))
  })
})

describe('README.md', () => {
  it('has a row for every variable that is read, and no other', () => {
    const named = [...read('README.md').matchAll(/^\| `([A-Z][A-Z_]+)` \|/gm)].map(([, name]) => name)
    expect(named.toSorted()).toEqual([...environmentVariables].toSorted())
  })
})

describe('docker-compose.yml', () => {
  it('sets only variables that are read', () => {
    const service = read('docker-compose.yml').split(/^ {2}cerberus:$/m)[1] ?? ''
    const [, environment = ''] = /^ {4}environment:\n((?: {6}.*\n)+)/m.exec(service) ?? []
    const names = [...environment.matchAll(/^ {6}([A-Z_]+):/gm)].map(([, name]) => name ?? '')
    expect(names.length).toBeGreaterThan(5)
    expect(names.filter((name) => !environmentVariables.includes(name))).toEqual([])
  })
})

/** The ids that a Markdown renderer gives to the headings of a text. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  )

describe.each(documents)('%s', (document) => {
  const text = read(document)

  it('links only to files and headings that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
    const broken = links.filter(([, path = '', heading]) => {
      const target = path === '' ? document : join(dirname(document), path)
      if (!existsSync(join(root, target))) return true
      return heading !== undefined && !anchorsOf(read(target)).includes(heading)
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })

  it('names only npm scripts and tables that exist', () => {
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts)
    const ran = [...text.matchAll(/`npm run ([\w:]+)/g)].map(([, script = '']) => script)
    expect(ran.filter((script) => !scripts.includes(script))).toEqual([])
    const tables = [...text.matchAll(/\b[Tt]able `(\w+)`/g)].map(([, table = '']) => table)
    expect(tables.filter((table) => !read('prisma/schema.prisma').includes(`@@map("${table}")`))).toEqual([])
  })

  it('names only files and folders that exist', () => {
    const named = [...text.matchAll(/`((?:src|test|docs|prisma|scripts|bench|packages|\.ci)\/[^`\s]*)`/g)].map(
      ([, path = '']) => path,
    )
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})

describe('the pages that use the cerberus command', () => {
  const isCommand = /^(?:\S+ \| )?cerberus /m
  const users = documents.filter((document) =>
    parseCodeBlocks(read(document)).some(({ content }) => isCommand.test(content)),
  )

  it('link to the section that says how to run it', () => {
    expect(users).toEqual(expect.arrayContaining(['docs/cli.md', 'docs/configuration.md', 'docs/tui.md']))
    const link = /\]\((?:docs\/)?(?:cli\.md)?#running-it\)/
    expect(users.filter((document) => !link.test(read(document)))).toEqual([])
  })
})

describe('docs/operations.md', () => {
  it('quotes only log lines and errors that the server writes', () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.tsx?$/.test(file),
    )
    const source = sources.map((file) => read(`src/${file}`)).join('\n')
    const quoted = [...read('docs/operations.md').matchAll(/(?<!\*)\*([^*\n]+)\*(?!\*)/g)].map(([, text = '']) => text)
    expect(quoted.length).toBeGreaterThan(3)
    expect(quoted.filter((text) => !source.includes(text.replace(/\.$/, '')))).toEqual([])
  })
})

/** The first two cells of each row of the tables below a heading: the names in backquotes, and the text of the second. */
function rowsBelow(document: string, heading: string): { names: string[]; second: string }[] {
  const [, section = ''] = read(document).split(`\n## ${heading}\n`)
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'))
  return rows.map((row) => {
    const [, first = '', second = ''] = row.split('|')
    return { names: [...first.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name), second: second.trim() }
  })
}

describe('docs/errors.md', () => {
  const byCode = (heading: string) =>
    rowsBelow('docs/errors.md', heading).flatMap(({ names, second }) => names.map((name) => [name, second] as const))
  /** Shown on a page, never returned to a client. */
  const pageOnly = ['already_completed', 'cookies_blocked', 'redirect_uri_mismatch', 'unknown_client']

  it('has every OAuth error of the code, once, and no other', () => {
    const documented = byCode('OAuth errors').map(([code]) => code)
    expect(documented.toSorted()).toEqual(
      Object.keys(oauthErrors)
        .filter((code) => !pageOnly.includes(code))
        .toSorted(),
    )
  })

  it('has the status of each OAuth error', () => {
    const wrong = byCode('OAuth errors').filter(([code, statuses]) => {
      const { status } = oauthErrors[code as OAuthErrorCode]
      return !statuses.startsWith('redirect') && !statuses.includes(String(status))
    })
    expect(wrong).toEqual([])
  })

  it('has the codes that only the error page shows', () => {
    const documented = byCode('Error pages').map(([code]) => code)
    const [, derived = ''] =
      /function errorCodeOf[^{]*\{([^}]*)\}/.exec(read('src/http/errors/page-error-handler.ts')) ?? []
    const codes = [...derived.matchAll(/'([a-z_]+)'/g)].map(([, code = '']) => code)
    expect(codes).toHaveLength(4)
    expect(documented).toEqual(expect.arrayContaining([...pageOnly, ...codes]))
    expect(documented.filter((code) => !(code in oauthErrors) && !codes.includes(code))).toEqual([])
  })

  it('has every type of a problem with its status, and no other', () => {
    const types = Object.entries(problemTypes).map(([type, { status }]) => [type, String(status)] as const)
    expect(byCode('Problems').length).toBe(types.length)
    expect(Object.fromEntries(byCode('Problems'))).toEqual(Object.fromEntries(types))
  })
})

describe('docs/administration.md', () => {
  const rows = rowsBelow('docs/administration.md', 'Permissions')

  it('lists every permission of the catalogue, and no other', () => {
    const documented = rows.filter(({ names: [name = ''] }) => name === '*' || name.includes(':'))
    expect(documented.flatMap(({ names }) => names).toSorted()).toEqual(
      permissionCatalogue.map(({ slug }) => slug).toSorted(),
    )
  })

  it('lists the permissions of each role that a new organisation has', () => {
    const documented = rows.filter(({ names: [name = ''] }) => name !== '*' && !name.includes(':'))
    const quoted = ({ second }: { second: string }) => [...second.matchAll(/`([^`]+)`/g)].map(([, slug]) => slug)
    expect(documented.map((row) => [row.names[0], quoted(row)])).toEqual(
      defaultRoles.map(({ slug, permissions }) => [slug, permissions]),
    )
  })
})

describe('docs/decisions/README.md', () => {
  it('lists every decision by its number and title, in order', () => {
    const pages = readdirSync(join(root, 'docs/decisions')).filter((file) => /^\d/.test(file))
    const rows = pages.map((file) => {
      const title = /^# \d+\. (.+)$/m.exec(read(`docs/decisions/${file}`))?.[1]
      return `| [${file.slice(0, 4)}](${file}) | ${title} |`
    })
    const index = read('docs/decisions/README.md').split('\n')
    expect(index.filter((line) => line.startsWith('| ['))).toEqual(rows)
  })
})

describe('docs/specs.md', () => {
  const rows = read('docs/specs.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| Section') && !line.startsWith('|--'))

  it('names code and tests for every section', () => {
    expect(rows.length).toBeGreaterThan(40)
    const incomplete = rows.filter((row) => {
      const [, section = '', code = '', tests = ''] = row.split('|')
      return section.trim() === '' || !/`(?:src|packages)\//.test(code) || !/`test\//.test(tests)
    })
    expect(incomplete).toEqual([])
  })

  it('lists every test file of a specification', () => {
    const files = readdirSync(join(root, 'test/spec'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      /(?:^|\/)(?:rfc|oidc)[^/]*\.test\.ts$/.test(file),
    )
    expect(files.filter((file) => !rows.some((row) => row.includes(`\`test/spec/${file}\``)))).toEqual([])
  })
})

describe('docs/conformance.md', () => {
  const rows = read('docs/conformance.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| Requirement'))

  it('names an existing test for each requirement', () => {
    expect(rows.length).toBeGreaterThan(60)
    const wrong = rows.filter((row) => {
      const named = [...row.matchAll(/`(test\/[^`]+)` "([^"]+)"/g)]
      const whole = named.length > 0 && named.length === row.split('`test/').length - 1
      return !whole || !named.every(([, file = '', name = '']) => read(file).includes(name))
    })
    expect(wrong).toEqual([])
  })
})
