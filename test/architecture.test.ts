// The law of the house, as tables. What they say in prose is in docs/architecture.md.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { circlesIn, importGraph } from './support/import-circles.ts'
import { stripLiterals, parseImports } from './support/source-scanner.ts'
import { crowdedFolders, styleBreaches } from './support/source-style.ts'

const floor = ['lib', 'oauth', 'model']
const ground = [...floor, 'keys', 'http', 'safe-fetch', 'pages', 'audit']
const identity = [...ground, 'mail', 'clients', 'organisations', 'permissions', 'users', 'authentication']
const protocol = [...identity, 'tokens', 'authorize', 'logout']

/** What each folder may import, besides itself. Only `server` sees `storage`: it hands the repositories in. */
const law: Readonly<Record<string, readonly string[]>> = {
  config: ['lib'],
  lib: [],
  oauth: ['lib'],
  model: ['lib', 'oauth'],
  storage: floor,
  keys: floor,
  http: floor,
  'safe-fetch': floor,
  pages: floor,
  audit: [...floor, 'keys', 'http', 'safe-fetch', 'pages'],
  permissions: ground,
  mail: ground,
  clients: [...ground, 'permissions'],
  organisations: [...ground, 'permissions'],
  // `clients` has the kinds of value that bodies are made of.
  users: [...ground, 'permissions', 'mail', 'clients'],
  webhooks: ground,
  authentication: [...ground, 'mail', 'clients', 'organisations', 'permissions', 'users'],
  tokens: identity,
  authorize: identity,
  logout: identity,
  // Not `authorize`: the two meet in model/grants/authorization-code.ts, as in the protocol.
  grants: [...identity, 'tokens', 'logout'],
  admin: [...protocol, 'grants', 'webhooks'],
  account: [...protocol, 'grants'],
  discovery: [...protocol, 'grants', 'admin', 'account'],
  server: [
    ...floor,
    'config',
    'keys',
    'http',
    'safe-fetch',
    'audit',
    'clients',
    'organisations',
    'authentication',
    'tokens',
    'logout',
    'mail',
    'users',
    'webhooks',
    'storage',
    'app.ts',
    'app-options.ts',
  ],
}

/** What the server is composed of. */
const composed = Object.keys(law).filter((folder) => folder !== 'server' && folder !== 'storage')

/** The files beside the folders: what they may import, and of which of it only the types. */
const roots: Readonly<Record<string, { may: readonly string[]; types: readonly string[] }>> = {
  'app.ts': {
    may: [...composed, 'storage', 'app-options.ts', 'app-services.ts', 'app-json-api.ts', 'http-server.ts'],
    types: ['config', 'storage'],
  },
  'app-json-api.ts': {
    may: ['account', 'admin', 'authentication', 'authorize', 'app-options.ts', 'app-services.ts', 'http-server.ts'],
    types: ['app-options.ts', 'app-services.ts', 'http-server.ts'],
  },
  'app-services.ts': { may: [...composed, 'storage', 'app-options.ts'], types: ['config', 'storage'] },
  'http-server.ts': { may: ['authentication', 'config', 'http', 'lib', 'pages'], types: ['config'] },
  'app-options.ts': { may: [...composed, 'storage'], types: [...composed, 'storage'] },
}

const edge =
  /^http\/|^admin\/|^account\/|(?:^|[/.])http\.tsx?$|^app(?:-options|-services|-json-api)?\.ts$|^http-server\.ts$|^server\/(?:compose-app|startup\/start-server|graceful-shutdown)\.ts$/

/** The door of every package: the files that may import it. A package without one may be imported by none. */
const doors: Readonly<Record<string, RegExp>> = {
  fastify: edge,
  '@fastify/cookie': /^http\//,
  '@fastify/cors': /^http\//,
  '@fastify/formbody': /^http\//,
  '@fastify/proxy-addr': /^http\//,
  '@fastify/swagger': /^http\//,
  'fastify-type-provider-zod': edge,
  '@simplewebauthn/server': /^authentication\/factors\/passkey\/webauthn\.ts$/,
  otpauth: /^authentication\/factors\/totp\//,
  uqr: /^pages\/theme\//,
  // What comes from outside is read with it.
  zod: /^(?:config|oauth\/messages|clients|users\/details|admin|account|discovery|storage\/embedded)\/|http\.ts$/,
  pino: /^server\/logger\.ts$/,
  'prom-client': /^http\/metrics\//,
  pg: /^storage\//,
  // The parser of `pg`, whose other half is filled from the environment.
  'pg-connection-string': /^storage\/db\/connection\/connection\.ts$/,
  '@redis/client': /^storage\/rate-limit\/valkey-rate-limit-counters\.ts$/,
  '@prisma/client': /^storage\//,
  '@prisma/adapter-pg': /^storage\//,
  jose: /^keys\//,
  '@peculiar/x509': /^keys\/certificates\//,
  // The polyfill that @peculiar/x509 requires.
  'reflect-metadata': /^keys\/certificates\/certificate\.ts$/,
  argon2: /^authentication\/factors\/password\/(?:argon2id|hashes\/argon2)\.ts$/,
  bcryptjs: /^authentication\/factors\/password\/hashes\/bcrypt\.ts$/,
  preact: /^(?:pages|mail\/templates)\//,
  'preact-render-to-string': /^(?:pages|mail\/templates)\//,
  nodemailer: /^mail\/transports\//,
  rfc6902: /^admin\/json-patch\.ts$/,
  // Regular expressions of administrators, in linear time.
  // The list of public suffixes.
  tldts: /^users\/domains\/claimable-domain\.ts$/,
  re2js: /^users\/attributes\/attribute-values\.ts$/,
  'ipaddr.js': /^lib\/network-address\.ts$/,
  leven: /^lib\/text\/closest-name\.ts$/,
  'lru-cache': /^(?:http|keys|storage|lib)\//,
  'openapi-types': /^(?:http|pages|discovery)\//,
  'node:cluster': /^server\/(?:main|cluster\/worker-pool|cluster\/cluster-worker)\.ts$/,
  'node:v8': /^server\/startup\/startup-garbage\.ts$/,
  'node:vm': /^server\/startup\/startup-garbage\.ts$/,
  'node:child_process': /^storage\/embedded\/|^authentication\/factors\/password\/hash-worker\.ts$/,
  'node:net': /^(?:http|lib|safe-fetch|storage\/embedded)\//,
  'node:dns': /^safe-fetch\/(?:safe-fetch|resolve-txt)\.ts$/,
  'node:tls': /^(?:http|safe-fetch)\//,
  'node:http': /^(?:http|safe-fetch)\//,
  'node:querystring': /^http\//,
  'node:zlib': /^(?:discovery\/docs-assets|safe-fetch\/content-coding)\.ts$/,
  // A response that is longer than memory.
  'node:stream': /^admin\/(?:audit-logs\/export-audit-(?:logs|chain)|users\/bulk\/export-users)\.ts$/,
  'node:http2': /^http\//,
  'node:https': /^(?:http|safe-fetch)\//,
}

/** Built-ins that any file may use. Of node:crypto only what makes nothing up. */
const freely = new Set(
  ['fs', 'fs/promises', 'module', 'os', 'path', 'process', 'readline', 'timers/promises', 'url', 'util'].map(
    (name) => `node:${name}`,
  ),
)
const deterministic = new Set(['createHash', 'hash'])
/** Where tokens are signed, which jose leaves to node:crypto (docs/decisions/0011), and certificates are read. */
const keyOperations = [
  {
    where: /^keys\//,
    names: new Set(['KeyObject', 'constants', 'sign', 'verify', 'X509Certificate', 'createPublicKey', 'JsonWebKey']),
  },
  // Hashes of other systems, which are verified.
  {
    where: /^authentication\/factors\/password\/hashes\//,
    names: new Set(['createCipheriv', 'pbkdf2', 'scrypt', 'ScryptOptions']),
  },
  // The options of OpenSSL.
  { where: /^http\/server\/tls-listener\.ts$/, names: new Set(['constants']) },
]

/** What code may only do in one place. */
const places: readonly { what: string; pattern: RegExp; where: RegExp }[] = [
  {
    what: 'the environment is read in config/ alone',
    pattern: /\bprocess\s*\.\s*env\b|\bprocess\s*\[|\benv\b[^'"]*\bfrom\s*['"]\s*['"]/,
    // PostgreSQL's own programs are started with an environment that is ours, without what would redirect them.
    where: /^config\/|^storage\/embedded\//,
  },
  {
    what: 'the wall clock is read in lib/ alone',
    pattern: /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|(?!\s*\())|\bperformance\s*\.\s*now\b/,
    // Waiting for another process to start or stop is measured in real time.
    where: /^lib\/|^storage\/embedded\//,
  },
  {
    // Node 20 and 22 reject valid text with it once they have optimised the call.
    what: 'a URL is parsed by parseUrl',
    pattern: /\bURL\s*\.\s*canParse\b/,
    where: /^$/,
  },
  {
    what: 'randomness is made in lib/ alone',
    pattern: /\bMath\s*\.\s*random\b|\bcrypto\s*\.\s*(?:getRandomValues|randomUUID)\b/,
    where: /^lib\//,
  },
  {
    what: 'other servers are asked in safe-fetch/ alone',
    pattern: /(?<![.\w$])fetch\s*\(/,
    where: /^safe-fetch\//,
  },
]

/** Every way in which a file of src/, named from there, breaks the law. */
function breaches(file: string, source: string): string[] {
  const code = stripLiterals(source)
  const found = parseImports(source).flatMap((imported) => judgeImport(file, imported))
  for (const { what, pattern, where } of places) if (pattern.test(code) && !where.test(file)) found.push(what)
  return [...found, ...styleBreaches(file, source)]
}

function judgeImport(file: string, { specifier, typeOnly, names }: ReturnType<typeof parseImports>[number]): string[] {
  if (specifier === '') return ['imports what only the running program knows']
  return specifier.startsWith('.') ? judgeNeighbour(file, specifier, typeOnly) : judgePackage(file, specifier, names)
}

function judgeNeighbour(file: string, specifier: string, typeOnly: boolean): string[] {
  const target = posix.join(posix.dirname(file), specifier)
  if (target.startsWith('..')) return [`imports ${specifier}, which is not in src/`]
  const [to = ''] = target.split('/')
  const [from = ''] = file.split('/')
  const root = roots[from]
  if (root) {
    if (!root.may.includes(to)) return [`imports ${to}`]
    return root.types.includes(to) && !typeOnly ? [`imports more than types of ${to}`] : []
  }
  if (from === to) return []
  return law[from]?.includes(to) ? [] : [`imports ${to}`]
}

function judgePackage(file: string, specifier: string, names: string[]): string[] {
  if (specifier === 'node:crypto') {
    const signs = keyOperations.find(({ where }) => where.test(file))?.names ?? new Set<string>()
    const made = names.filter((name) => !deterministic.has(name) && !signs.has(name))
    if (file.startsWith('lib/') || (names.length > 0 && made.length === 0)) return []
    return [`imports ${made.join(', ') || 'all'} of node:crypto`]
  }
  if (freely.has(specifier)) return []
  const parts = specifier.startsWith('@') ? 2 : 1
  const name = specifier.startsWith('node:') ? specifier : specifier.split('/').slice(0, parts).join('/')
  return doors[name]?.test(file) ? [] : [`imports ${name}`]
}

const src = join(dirname(fileURLToPath(import.meta.url)), '../src')
const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(src, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
  // Made by Prisma.
  .filter((file) => !file.startsWith('storage/generated/'))
const sources = new Map<string, string>(files.map((file) => [file, readFileSync(join(src, file), 'utf8')]))

describe('the house', () => {
  it('has no folder that the law does not know, and no law for a folder that it has not', () => {
    const folders = new Set(files.filter((file) => file.includes('/')).map((file) => file.replace(/\/.*/, '')))
    expect(folders).toEqual(new Set(Object.keys(law)))
    expect(files.filter((file) => !file.includes('/')).sort()).toEqual(Object.keys(roots).sort())
  })

  it('keeps the law in every file', () => {
    const broken = [...sources].flatMap(([file, source]) => breaches(file, source).map((breach) => `${file} ${breach}`))
    expect(broken).toEqual([])
  })

  it('has no circle of files, imports of types included', () => {
    expect(circlesIn(importGraph(sources))).toEqual([])
  })

  it('is read: every file but the plainest imports something', () => {
    const read = [...sources.values()].filter((source) => parseImports(source).length > 0).length
    expect(read).toBeGreaterThan(files.length * 0.7)
  })

  it.each([...new Set(files.map((file) => posix.dirname(file)))])(
    '%s: a file opens with what the folder owns',
    (folder) => {
      const here = [...sources].filter(([file]) => posix.dirname(file) === folder)
      expect(here.filter(([, source]) => /^(?:\/\/ |\/\*\n)/.test(source)).length).toBeGreaterThan(0)
    },
  )

  it('has no folder of more than 14 files', () => {
    expect(crowdedFolders(files)).toEqual([])
  })

  it('has short files', () => {
    const lengths = [...sources.values()].map((source) => source.split('\n').length).sort((a, b) => a - b)
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(100)
  })
})

describe('the law itself', () => {
  it('finds circles of files, through imports of types as well', () => {
    const graph = importGraph(
      new Map([
        ['model/a.ts', "import type { B } from './b.ts'"],
        ['model/b.ts', "export { c } from '../lib/c.ts'"],
        ['lib/c.ts', "import { a } from '../model/a.ts'\nimport { d } from './d.ts'"],
        ['lib/d.ts', "import { e } from 'jose'"],
        ['lib/self.ts', "import { self } from './self.ts'"],
      ]),
    )
    expect(circlesIn(graph)).toEqual([['lib/c.ts', 'model/a.ts', 'model/b.ts'], ['lib/self.ts']])
  })

  const cases: [file: string, source: string, breach: string | undefined][] = [
    ['lib/time/clock.ts', "import { parseScope } from '../../oauth/scope.ts'", 'imports oauth'],
    ['tokens/issue.ts', "import type { Database } from '../storage/database.ts'", 'imports storage'],
    ['accounts/sign-in.ts', "export { x } from '../clients/authentication.ts'", 'imports clients'],
    ['grants/exchange.ts', "export * from '../authorize/request.ts'", 'imports authorize'],
    ['grants/exchange.ts', "const late = await import('../authorize/request.ts')", 'imports authorize'],
    ['grants/exchange.ts', 'await import(name)', 'imports what only the running program knows'],
    ['clients/methods/none.ts', "import '../../storage/database.ts'", 'imports storage'],
    ['clients/methods/none.ts', "import {\n  a,\n  type B,\n} from '../../storage/database.ts'", 'imports storage'],
    ['clients/methods/none.ts', "import { x } from '../representation.ts'", undefined],
    ['app.ts', "import { createRepositories } from './storage/repositories.ts'", 'imports more than types of storage'],
    ['app.ts', "import { type A, createRepositories } from './storage/x.ts'", 'imports more than types of storage'],
    ['app.ts', "import type { Repositories } from './storage/repositories.ts'", undefined],
    ['app.ts', "import { type Repositories } from './storage/repositories.ts'", undefined],
    ['main.ts', "import { x } from '../test/support/app.ts'", 'imports ../test/support/app.ts, which is not in src/'],
    ['tokens/issue.ts', "import { SignJWT } from 'jose'", 'imports jose'],
    ['tokens/issue.ts', "import x from 'leftpad'", 'imports leftpad'],
    ['tokens/issue.ts', "import type { X } from '@prisma/client/runtime/client'", 'imports @prisma/client'],
    ['tokens/issue.ts', "import type { FastifyInstance } from 'fastify'", 'imports fastify'],
    ['tokens/http.ts', "import type { FastifyInstance } from 'fastify'", undefined],
    ['tokens/issue.ts', "import { spawn } from 'node:child_process'", 'imports node:child_process'],
    ['tokens/issue.ts', "import { createHash, randomUUID } from 'node:crypto'", 'imports randomUUID of node:crypto'],
    ['tokens/issue.ts', "import { sign } from 'node:crypto'", 'imports sign of node:crypto'],
    ['keys/jws.ts', "import { sign, verify, type KeyObject } from 'node:crypto'", undefined],
    ['keys/jws.ts', "import { sign, randomBytes } from 'node:crypto'", 'imports randomBytes of node:crypto'],
    ['tokens/issue.ts', "import crypto from 'node:crypto'", 'imports all of node:crypto'],
    ['pages/style.ts', "import { hash } from 'node:crypto'", undefined],
    ['tokens/issue.ts', 'const now = new Date()', 'the wall clock is read in lib/ alone'],
    ['tokens/issue.ts', 'const now = new Date', 'the wall clock is read in lib/ alone'],
    ['tokens/issue.ts', 'const now = Date.now()', 'the wall clock is read in lib/ alone'],
    ['tokens/issue.ts', 'const then = new Date(seconds * 1000)', undefined],
    ['lib/time/clock.ts', 'const now = new Date()', undefined],
    ['tokens/issue.ts', 'if (URL.canParse(text)) return text', 'a URL is parsed by parseUrl'],
    ['tokens/issue.ts', 'const x = `${Math.random()}`', 'randomness is made in lib/ alone'],
    ['tokens/issue.ts', 'const x = crypto.randomUUID()', 'randomness is made in lib/ alone'],
    ['tokens/issue.ts', 'const x = process.env["HOME"]', 'the environment is read in config/ alone'],
    ['tokens/issue.ts', "import { env } from 'node:process'", 'the environment is read in config/ alone'],
    ['config/config.ts', 'const x = process.env', undefined],
    [
      'tokens/issue.ts',
      "const text = await fetch('https://example.com')",
      'other servers are asked in safe-fetch/ alone',
    ],
    ['tokens/issue.ts', 'const x: any = 1', 'nothing is typed any'],
    ['tokens/issue.ts', 'const x = y as any', 'nothing is typed any'],
    ['tokens/issue.ts', 'const x = new Map<string, any>()', 'nothing is typed any'],
    ['tokens/issue.ts', 'const x = await Promise.any(all)', undefined],
    ['tokens/issue.ts', '// @ts-ignore\nx()', 'silences the type checker'],
    ['tokens/issue.ts', '// oxlint-disable-next-line no-console\nx()', 'disables a lint rule without its reason'],
    ['tokens/issue.ts', '// oxlint-disable-next-line no-console -- the terminal is the point\nx()', undefined],
    ['tokens/issue.ts', '\n'.repeat(301), 'has 301 lines'],
    ['tokens/helpers.ts', '', 'is a drawer by its name'],
    ['tokens/utils/x.ts', '', 'is a drawer by its name'],
    ['tokens/issue.ts', "// import { x } from '../storage/database.ts'\n/* Date.now() */", undefined],
    ['tokens/issue.ts', `const text = "import { x } from '../storage/database.ts'"`, undefined],
    ['tokens/issue.ts', "const text = `Date.now() ${quote('}')} process.env`", undefined],
    ['tokens/issue.ts', 'const quote = /[\'"`]/g\nconst now = Date.now()', 'the wall clock is read in lib/ alone'],
    ['pages/login.tsx', "const a = <p>Don't</p>\nconst now = Date.now()", 'the wall clock is read in lib/ alone'],
  ]

  it.each(cases)('%s with %j: %s', (file, source, breach) => {
    expect(breaches(file, source)).toEqual(breach === undefined ? [] : [breach])
  })
})
