// The files and commands of docs/deployment.md: proxies are started with the documented configuration, other files are
// checked by their own programs, and by what the server accepts.
import { execFile, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { environmentVariables, readConfig } from '../../src/config/config.ts'
import { makeCertificate, type TestCertificate } from '../support/certificates.ts'
import { describeIfAvailable } from '../support/describe-if-available.ts'
import { fillIn } from '../support/docs-code.ts'
import { eventually } from '../support/eventually.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { parseCodeBlocks, readDocument } from '../support/markdown.ts'
import { freePort, makeServerDirectory, OWNER, ROOT, startServer } from '../support/server-processes.ts'

const blocks = parseCodeBlocks(readDocument('docs/deployment.md'))
const blocksIn = (language: string) => blocks.filter((one) => one.language === language).map(({ content }) => content)
const MASTER_KEY = randomBytes(32).toString('base64')
const execute = promisify(execFile)

/** Whether a program is installed. */
function program(name: string, argument: string) {
  let isAvailable = true
  try {
    execFileSync(name, [argument], { stdio: 'pipe' })
  } catch {
    isAvailable = false
  }
  return {
    isAvailable,
    missingReason: `there is no ${name} here`,
    advice: 'Install it to check the file of docs/deployment.md.',
  }
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cerberus-deployment-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the settings for systemd', () => {
  it('are a valid configuration for production', () => {
    const [content = ''] = blocksIn('env')
    const filled = fillIn(content, {
      MASTER_KEY,
      DATABASE_PASSWORD: 'secret',
      ORGANISATION: 'acme',
      ADMINISTRATOR: 'admin',
    })
    const settings = Object.fromEntries(
      filled
        .trim()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
    )
    expect(Object.keys(settings).filter((name) => !environmentVariables.includes(name))).toEqual([])
    expect(readConfig(settings)).toMatchObject({ issuer: 'https://auth.example.com', port: 4000 })
  })

  it('start the program that exists, and give it time to stop', () => {
    const [unit = ''] = blocksIn('ini')
    const [, started = ''] = /^ExecStart=\/usr\/bin\/node --enable-source-maps (\S+)$/m.exec(unit) ?? []
    expect(existsSync(join(ROOT, started))).toBe(true)
    const grace = Number(/^#SHUTDOWN_GRACE_SEC=(\d+)$/m.exec(readDocument('.env.example'))?.[1])
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(grace + 5)
  })
})

describeIfAvailable(program('systemd-analyze', '--version'), 'the unit for systemd', () => {
  it('is accepted by systemd', async () => {
    const [unit = ''] = blocksIn('ini')
    const file = join(folder, 'cerberus.service')
    await writeFile(file, unit.replaceAll('/usr/bin/node', process.execPath).replaceAll('/opt/cerberus', ROOT))
    const { stderr } = await execute('systemd-analyze', ['verify', '--man=no', file])
    // Units of this machine are checked as well.
    expect(stderr.split('\n').filter((line) => line.includes('cerberus.service:'))).toEqual([])
  })
})

describeIfAvailable(program('nginx', '-v'), 'the configuration of nginx', () => {
  let server: JourneyServer
  beforeAll(async () => {
    server = await startJourneyServer({
      mtls: { trustedProxies: ['127.0.0.1'], certificateHeader: { form: 'nginx', name: 'x-client-cert' } },
    })
  })
  afterAll(() => server.close())

  it('passes requests on, with the address of the caller and without a forged one', { timeout: 60_000 }, async () => {
    const port = await freePort()
    const names = ['auth.example.com', 'mtls.auth.example.com']
    const certificate = await makeCertificate({
      subject: 'CN=auth.example.com',
      names: names.map((value) => ({ type: 'dns' as const, value })),
    })
    const files = blocksIn('nginx').map((content) =>
      content
        .replaceAll('127.0.0.1:4000', new URL(server.issuer).host.replace('localhost', '127.0.0.1'))
        .replaceAll(/^ *listen \[::\]:443 ssl;\n/gm, '')
        .replaceAll('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
        .replaceAll(/\/(?:etc|var\/log)\//g, `${folder}/`),
    )
    expect(files).toHaveLength(2)
    for (const name of names) await writeCertificate(name, certificate)
    await mkdir(join(folder, 'nginx'), { recursive: true })
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    )
    const main = `daemon off;\nmaster_process off;\npid ${folder}/nginx.pid;\nerror_log ${folder}/error.log;\nevents {}\nhttp {\naccess_log off;\n${temporary.join('\n')}\n${files.join('\n')}\n}\n`
    const file = join(folder, 'nginx.conf')
    await writeFile(file, main)
    await execute('nginx', ['-t', '-c', file])

    const nginx = spawn('nginx', ['-c', file], { stdio: 'ignore' })
    const ended = new Promise((resolve) => nginx.once('close', resolve))
    try {
      const ask = (
        path: string,
        options: { method?: string; headers?: Record<string, string>; body?: string; host?: string } = {},
      ) => fetchOverTls(port, certificate.certificate, { host: 'auth.example.com', path, ...options })
      await eventually(
        () => ask('/health/ready').catch(() => undefined),
        (answer) => answer?.status === 200,
      )
      const metadata = await ask('/.well-known/openid-configuration')
      expect(JSON.parse(metadata.body)).toMatchObject({ issuer: server.issuer })
      expect((await ask('/health/ready', { host: 'mtls.auth.example.com' })).status).toBe(200)

      const signedIn = await ask('/v1/auth/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.9' },
        body: JSON.stringify({ email: 'unknown@acme.test', password: 'wrong' }),
      })
      expect(signedIn.status).toBe(401)
      const lines = server.logs.filter((line) => line.includes('/v1/auth/login'))
      expect(lines.length).toBeGreaterThan(0)
      expect(lines.join('\n')).not.toContain('203.0.113.9')
    } finally {
      nginx.kill('SIGTERM')
      await ended
    }
  })

  async function writeCertificate(name: string, { certificate: pem, key }: TestCertificate): Promise<void> {
    const place = join(folder, 'ssl', name)
    await mkdir(place, { recursive: true })
    await writeFile(join(place, 'fullchain.pem'), pem)
    await writeFile(join(place, 'privkey.pem'), key)
  }
})

describeIfAvailable(program('caddy', 'version'), 'the configuration of Caddy', () => {
  it('is accepted by Caddy, and passes requests on to the server', async () => {
    const [content = ''] = blocksIn('caddyfile')
    const file = join(folder, 'Caddyfile')
    await writeFile(file, content)
    const { stdout } = await execute('caddy', ['adapt', '--config', file, '--adapter', 'caddyfile'])
    expect(stdout).toContain('"host":["auth.example.com"]')
    expect(stdout).toContain('"upstreams":[{"dial":"127.0.0.1:4000"}]')
  })
})

describe('the YAML of the page', () => {
  const [traefik = '', kubernetes = ''] = blocksIn('yaml')

  it('connects the parts of Traefik, and checks a path of the server', () => {
    const { http } = parse(traefik) as {
      http: {
        routers: { cerberus: { rule: string; service: string } }
        services: Record<string, { loadBalancer: { servers: { url: string }[]; healthCheck: { path: string } } }>
      }
    }
    const { rule, service } = http.routers.cerberus
    expect(rule).toBe('Host(`auth.example.com`)')
    expect(http.services[service]?.loadBalancer).toMatchObject({
      servers: [{ url: 'http://127.0.0.1:4000' }],
      healthCheck: { path: '/health/ready' },
    })
  })

  it('describes a deployment that the server accepts, and a service and an ingress that lead to it', () => {
    const documents = parseAllDocuments(kubernetes).map((document) => document.toJS() as KubernetesObject)
    expect(documents.map(({ kind }) => kind)).toEqual(['Deployment', 'Service', 'PodDisruptionBudget', 'Ingress'])
    const [deployment, service, budget, ingress] = documents
    if (!deployment) throw new Error('The page describes no deployment.')
    const { template, selector } = deployment.spec as DeploymentSpec
    const [container] = template.spec.containers
    const env = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]))
    expect(Object.keys(env).filter((name) => !environmentVariables.includes(name))).toEqual([])
    const secret = {
      DATABASE_URL: 'postgresql://cerberus:secret@postgres.example.com:5432/cerberus',
      SECRET_ENCRYPTION_KEY: MASTER_KEY,
      CERBERUS_ADMIN_PASSWORD: 'a long password',
    }
    expect(
      Object.keys(secret).filter((name) => !readDocument('docs/deployment.md').includes(`--from-literal=${name}=`)),
    ).toEqual([])
    const config = readConfig({ NODE_ENV: 'production', ...env, ...secret })
    expect(container?.ports.map(({ containerPort }) => containerPort)).toEqual([config.port, config.metricsPort])
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(
      Number(env['SHUTDOWN_DELAY_SEC']) + Number(env['SHUTDOWN_GRACE_SEC']) + 5,
    )
    const label = { app: 'cerberus' }
    expect([selector.matchLabels, template.metadata.labels, service?.spec['selector']]).toEqual([label, label, label])
    expect(budget?.spec).toMatchObject({ selector: { matchLabels: label } })
    expect(JSON.stringify(ingress)).toContain('"service":{"name":"cerberus","port":{"name":"http"}}')
  })

  it('probes paths that the server has', async () => {
    const server = await startJourneyServer()
    const paths = [...kubernetes.matchAll(/path: (\/health\S+),/g), ...traefik.matchAll(/path: (\/\S+)/g)]
    expect(paths.length).toBe(4)
    for (const [, path = ''] of paths) expect((await server.app.inject(path)).statusCode).toBe(200)
    await server.close()
  })
})

describe('a backup of the embedded PostgreSQL', () => {
  it('restores users and keys', { timeout: 180_000 }, async () => {
    const [backUp = '', restore = ''] = blocksIn('sh')
    const directory = await makeServerDirectory()
    const cwd = dirname(directory.path)
    const start = () => startServer({ dataDirectory: directory.path })
    const keysOf = async (url: string) => (await fetch(`${url}/oauth2/jwks.json`)).text()
    try {
      const first = await start()
      const keys = await keysOf(first.url)
      await first.kill('SIGTERM')
      await execute('sh', ['-e', '-c', backUp], { cwd })
      await writeFile(join(directory.path, 'secret.key'), 'lost')
      await execute('sh', ['-e', '-c', restore], { cwd })
      const restored = await start()
      expect(await keysOf(restored.url)).toBe(keys)
      const signedIn = await fetch(`${restored.url}/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(OWNER),
      })
      expect(signedIn.status).toBe(200)
      await restored.kill('SIGTERM')
    } finally {
      await directory.remove()
    }
  })
})

interface KubernetesObject {
  kind: string
  spec: Record<string, unknown>
}

type DeploymentSpec = KubernetesObject['spec'] & {
  selector: { matchLabels: object }
  template: {
    metadata: { labels: object }
    spec: {
      terminationGracePeriodSeconds: number
      containers: { env: { name: string; value: string }[]; ports: { containerPort: number }[] }[]
    }
  }
}

interface TlsRequest {
  host: string
  path: string
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** Sends a request to a port of this machine under another host name, which the certificate must have. */
function fetchOverTls(
  port: number,
  ca: string,
  { host, path, method = 'GET', headers = {}, body = '' }: TlsRequest,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      method,
      ca,
      servername: host,
      headers: { ...headers, host },
      agent: false,
    }
    const sent = request(options, (message) => {
      let text = ''
      message.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      message.once('end', () => resolve({ status: message.statusCode ?? 0, body: text }))
    })
    sent.once('error', reject)
    sent.end(body)
  })
}
