// The import law of packages/, as tables. docs/architecture.md describes it.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseImports, stripLiterals } from './support/source-scanner.ts'
import { crowdedFolders, styleBreaches } from './support/source-style.ts'

const ADMIN_CLIENT = 'cerberus-idp-admin-client'

/** What the files of each package may import of each other's folders: `.` stands for the files beside the folders. */
const law: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'admin-client': {
    '.': ['form', 'openapi', 'resources', 'transport'],
    transport: ['.'],
    openapi: ['transport'],
    resources: ['.', 'openapi', 'transport'],
    form: ['.', 'openapi', 'resources', 'transport'],
  },
  cli: {
    '.': ['commands', 'directory', 'output'],
    system: ['.'],
    output: [],
    audit: [],
    import: ['.'],
    input: ['.', 'output'],
    directory: ['.', 'input', 'output'],
    // The credentials and the session that requests are sent with are types of `sign-in`.
    requests: ['.', 'input', 'output', 'system', 'sign-in'],
    'sign-in': ['.', 'input', 'output', 'requests', 'system'],
    configuration: ['.', 'input', 'output', 'requests', 'sign-in'],
    commands: [
      '.',
      'audit',
      'configuration',
      'directory',
      'import',
      'input',
      'output',
      'requests',
      'sign-in',
      'system',
      'tui',
    ],
    tui: ['.', 'directory', 'output', 'requests', 'sign-in', 'system'],
  },
}

/** The files of packages/ that may import each dependency. No other dependency may be imported. */
const doors: Readonly<Record<string, RegExp>> = {
  [ADMIN_CLIENT]: /^cli\//,
  'csv-parse': /^cli\/import\/csv\.ts$/,
  commander: /^cli\/(?:run|program)\.ts$|^cli\/commands\/|^cli\/output\/paged-list\.ts$/,
  // Read and written as configuration, as data of a command, and as output.
  yaml: /^cli\/(?:configuration|commands|input|output)\//,
  jose: /^cli\/sign-in\/client-authentication\.ts$|^cli\/audit\/verify-chain\.ts$/,
  // Loaded when `cerberus tui` is called, so that other commands start without them.
  ink: /^cli\/tui\//,
  react: /^cli\/tui\//,
  leven: /^cli\/input\/closest-name\.ts$/,
  'string-width': /^cli\/output\/text-width\.ts$/,
  'node:child_process': /^cli\/system\/external-programs\.ts$/,
  'node:crypto':
    /^cli\/system\/random\.ts$|^cli\/sign-in\/pkce\.ts$|^cli\/audit\/verify-chain\.ts$|^cli\/requests\/forward-event\.ts$/,
  'node:http': /^cli\/sign-in\/loopback-redirect\.ts$/,
  'node:net': /^cli\/sign-in\/loopback-redirect\.ts$/,
  // `fetch` cannot present a client certificate.
  'node:https': /^cli\/requests\/certificate-fetch\.ts$/,
  'node:tls': /^cli\/requests\/certificate-fetch\.ts$/,
  'node:readline': /^cli\/input\/confirm\.ts$/,
  'node:timers/promises': /^cli\//,
  'node:fs': /^cli\//,
  'node:os': /^cli\//,
  'node:path': /^cli\//,
  'node:url': /^cli\/system\/external-programs\.ts$/,
}

/** What code may do in some files only. */
const places: readonly { what: string; pattern: RegExp; where: RegExp }[] = [
  {
    what: 'reads the environment',
    pattern: /\bprocess\s*\.\s*env\b|\bprocess\s*\[/,
    where: /^cli\/system\/environment\.ts$/,
  },
  {
    what: 'reads the wall clock',
    pattern: /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|(?!\s*\())|\bperformance\s*\.\s*now\b/,
    where: /^cli\/system\/clock\.ts$/,
  },
  {
    what: 'makes random values',
    pattern: /\bMath\s*\.\s*random\b|\bcrypto\s*\.\s*(?:getRandomValues|randomUUID)\b/,
    where: /^$/,
  },
  {
    what: 'sends requests',
    pattern: /(?<![.\w$])fetch\s*\(|=\s*(?:globalThis\.)?fetch\b/,
    where: /^admin-client\/transport\/send\.ts$|^cli\/requests\/send\.ts$/,
  },
  {
    // Names of clients are chosen by others: terminal control sequences are removed there.
    what: 'draws text without frame/text.tsx',
    pattern: /<Text\b/,
    where: /^cli\/tui\/frame\/text\.tsx$/,
  },
]

/** Every way in which a file, named from packages/ without its src/, breaks the law. */
function breaches(file: string, source: string): string[] {
  const code = stripLiterals(source)
  const found = parseImports(source).flatMap(({ specifier }) => judgeImport(file, specifier))
  for (const { what, pattern, where } of places) if (pattern.test(code) && !where.test(file)) found.push(what)
  return [...found, ...styleBreaches(file, source)]
}

function judgeImport(file: string, specifier: string): string[] {
  if (specifier === '') return ['imports what only the running program knows']
  if (!specifier.startsWith('.')) return judgeDependency(file, specifier)
  const target = posix.join(posix.dirname(file), specifier)
  const [from, to] = [placeOf(file), placeOf(target)]
  if (from.package !== to.package) return [`imports ${specifier}, which is not in the package`]
  if (from.folder === to.folder || law[from.package]?.[from.folder]?.includes(to.folder)) return []
  return [`imports ${to.folder === '.' ? posix.basename(target) : to.folder}`]
}

function judgeDependency(file: string, specifier: string): string[] {
  const parts = specifier.startsWith('@') ? 2 : 1
  const name = specifier.startsWith('node:') ? specifier : specifier.split('/').slice(0, parts).join('/')
  return doors[name]?.test(file) ? [] : [`imports ${name}`]
}

/** The package of a file, and the folder of the law that it is in. */
function placeOf(file: string): { package: string; folder: string } {
  const [name = '', folder = '', ...rest] = file.split('/')
  return { package: name, folder: rest.length === 0 ? '.' : folder }
}

const root = join(dirname(fileURLToPath(import.meta.url)), '../packages')
const files = Object.keys(law).flatMap((name) =>
  readdirSync(join(root, name, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.join(name, relative(join(root, name, 'src'), join(entry.parentPath, entry.name)))),
)
const sources = new Map<string, string>(
  files.map((file) => [file, readFileSync(join(root, file.replace('/', '/src/')), 'utf8')]),
)

describe('the packages', () => {
  it('have a law for each folder, and no law for a folder that does not exist', () => {
    const folders = Object.keys(law).map((name) => [
      name,
      [...new Set(files.filter((file) => file.startsWith(`${name}/`)).map((file) => placeOf(file).folder))].sort(),
    ])
    expect(folders).toEqual(Object.entries(law).map(([name, folderLaw]) => [name, Object.keys(folderLaw).sort()]))
  })

  it('keep the law in every file', () => {
    const broken = [...sources].flatMap(([file, source]) => breaches(file, source).map((breach) => `${file} ${breach}`))
    expect(broken).toEqual([])
  })

  it('have no folder of more than 14 files', () => {
    expect(crowdedFolders(files)).toEqual([])
  })

  it('have no circle of files', () => {
    const imports = new Map(
      [...sources].map(([file, source]) => [
        file,
        parseImports(source)
          .filter(({ specifier, typeOnly }) => specifier.startsWith('.') && !typeOnly)
          .map(({ specifier }) => posix.join(posix.dirname(file), specifier)),
      ]),
    )
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      (imports.get(from) ?? []).some(
        (next) => next === to || (!seen.has(next) && (seen.add(next), reaches(next, to, seen))),
      )
    expect(files.filter((file) => reaches(file, file))).toEqual([])
  })

  it.each(Object.keys(law))('%s declares the dependencies that it imports, and no others', (name) => {
    const manifest = JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>
    }
    const imported = [...sources]
      .filter(([file]) => file.startsWith(`${name}/`))
      .flatMap(([, source]) =>
        parseImports(source).map(({ specifier }) => specifier.replace(/^((?:@[^/]+\/)?[^/]+)\/.*$/, '$1')),
      )
      .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
    expect(Object.keys(manifest.dependencies ?? {}).sort()).toEqual([...new Set(imported)].sort())
  })

  it.each([...new Set(files.map((file) => posix.dirname(file)))])(
    '%s: a file opens with what the folder owns',
    (folder) => {
      const here = [...sources].filter(([file]) => posix.dirname(file) === folder)
      expect(here.filter(([, source]) => source.startsWith('// ')).length).toBeGreaterThan(0)
    },
  )
})

describe('the law itself', () => {
  it('counts the files of a folder, without those of the folders in it', () => {
    const many = Array.from({ length: 15 }, (_, index) => `cli/tui/${index}.ts`)
    expect(crowdedFolders([...many, 'cli/tui/list/a.ts'])).toEqual(['cli/tui has 15 files'])
    expect(crowdedFolders([...many.slice(1), 'cli/tui/list/a.ts'])).toEqual([])
  })

  const cases: [file: string, source: string, breach: string | undefined][] = [
    ['cli/run.ts', "import { render } from 'ink'", 'imports ink'],
    ['cli/tui/run.tsx', "import { render } from 'ink'", undefined],
    [
      'cli/tui/app.tsx',
      "import { Text } from 'ink'\nconst a = <Text>{name}</Text>",
      'draws text without frame/text.tsx',
    ],
    ['cli/sign-in/session.ts', "import { SignJWT } from 'jose'", 'imports jose'],
    ['cli/sign-in/session.ts', "import x from 'leftpad'", 'imports leftpad'],
    ['cli/output/print.ts', "import { send } from '../requests/send.ts'", 'imports requests'],
    [
      'cli/run.ts',
      "import { createClient } from '../../admin-client/src/index.ts'",
      'imports ../../admin-client/src/index.ts, which is not in the package',
    ],
    [
      'cli/system/clock.ts',
      "import { systemClock } from '../../../../src/lib/time/clock.ts'",
      'imports ../../../../src/lib/time/clock.ts, which is not in the package',
    ],
    ['admin-client/json.ts', "import { isDeepStrictEqual } from 'node:util'", 'imports node:util'],
    ['admin-client/form/draft.ts', "import { x } from 'cerberus-idp-admin-client'", `imports ${ADMIN_CLIENT}`],
    ['admin-client/transport/send.ts', "import { x } from '../form/draft.ts'", 'imports form'],
    ['admin-client/form/draft.ts', 'const then = Date.now()', 'reads the wall clock'],
    ['cli/tui/app.tsx', 'const x = process.env', 'reads the environment'],
    ['cli/tui/query.ts', "const text = await fetch('https://example.com')", 'sends requests'],
    ['cli/tui/query.ts', 'const x = Math.random()', 'makes random values'],
    ['cli/tui/query.ts', 'const x: any = 1', 'nothing is typed any'],
    ['cli/tui/query.ts', '\n'.repeat(301), 'has 301 lines'],
  ]

  it.each(cases)('%s with %j: %s', (file, source, breach) => {
    expect(breaches(file, source)).toEqual(breach === undefined ? [] : [breach])
  })
})
