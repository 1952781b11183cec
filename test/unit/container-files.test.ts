import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../../src/config/config.ts'

interface Service {
  image?: string
  build?: { args: Record<string, string> }
  environment: Record<string, string>
  env_file?: { path: string; required: boolean }[]
  deploy: { resources: { limits: Record<string, unknown> } }
}

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
const { services } = parse(read('docker-compose.yml')) as { services: Record<'postgres' | 'cerberus', Service> }
const { postgres, cerberus } = services
const dockerfile = read('Dockerfile')

/** A version down to the last number, for readers, and the digest, for Docker. */
const PINNED = /^[a-z]+:\d+\.\d+(?:\.\d+)?-[a-z-]+@sha256:[0-9a-f]{64}$/

describe('docker-compose.yml', () => {
  it('passes every line of .env to the server, and replaces only what the container decides', () => {
    expect(cerberus.env_file).toEqual([{ path: '.env', required: false }])
    const decided = Object.entries(cerberus.environment).filter(([, value]) => !value.startsWith('${'))
    expect(decided.map(([name]) => name)).toEqual(['NODE_ENV', 'HOST', 'PORT', 'DATABASE_URL'])
  })

  it('needs only what README.md puts into .env, and the server starts with that', () => {
    const [, written = ''] = /cat > \.env <<END\n([^]*?)END\n/.exec(read('README.md')) ?? []
    const key = 'qCzBz5DqvvdIZyxvgTS2aWFjCVJ0WXOIvYjfUIyjzjA='
    const variables = Object.fromEntries(
      written
        .trim()
        .split('\n')
        .map((line) => [
          line.slice(0, line.indexOf('=')),
          line
            .slice(line.indexOf('=') + 1)
            .replace('$(openssl rand -hex 24)', '8fd1')
            .replace('$(openssl rand -base64 32)', key)
            .replace('YOUR-COMPANY', 'your-company'),
        ]),
    )
    const interpolate = (text: string): string =>
      text.replaceAll(/\$\{(\w+):\?[^}]*\}/g, (_, name: string) => variables[name] ?? `missing ${name}`)
    const environment = Object.entries(cerberus.environment).map(([name, text]) => [name, interpolate(text)])
    const config = readConfig({ ...variables, ...(Object.fromEntries(environment) as Record<string, string>) })
    expect(config).toMatchObject({
      production: true,
      databaseUrl: 'postgresql://cerberus:8fd1@postgres:5432/cerberus',
      bootstrap: { slug: 'your-company', email: 'YOU@example.com' },
    })
  })

  it('limits processors, memory and processes of both services', () => {
    for (const { deploy } of [postgres, cerberus]) {
      expect(deploy.resources.limits).toEqual({ cpus: '2', memory: '1g', pids: 200 })
    }
  })

  it('pins the images by digest', () => {
    const images = [postgres.image, cerberus.build?.args['NODE_IMAGE']]
    const defaults = images.map((image) => /^\$\{\w+:-(.+)\}$/.exec(image ?? '')?.[1])
    for (const image of defaults) expect(image).toMatch(PINNED)
    expect(dockerfile).toContain(`ARG NODE_IMAGE=${defaults[1]}\n`)
  })
})

describe('Dockerfile', () => {
  it('starts every stage from the pinned image', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base)
    expect(bases).toEqual(['${NODE_IMAGE}', '${NODE_IMAGE}', '${NODE_IMAGE}'])
  })

  it('contains neither the command line nor the terminal UI', () => {
    const installs = [...dockerfile.matchAll(/npm ci .*/g)].map(([command]) => command)
    expect(installs).toHaveLength(2)
    for (const command of installs) expect(command).toContain('--workspaces=false')
    const given = read('.dockerignore').split('\n')
    expect(given).toContain('*')
    expect(given).not.toContain('!packages')
  })
})
