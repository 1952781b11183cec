// `npm ci` is as quiet as it can be on the oldest Node.js that README.md asks for.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const read = (file: string) => JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')) as unknown
const manifest = read('package.json') as { allowScripts: Record<string, boolean>; engines: { node: string } }
const { packages } = read('package-lock.json') as {
  packages: Record<string, { optional?: boolean; hasInstallScript?: boolean; engines?: { node?: string } }>
}

type Version = readonly number[]
const versionOf = (text: string): Version =>
  [0, 1, 2].map((part) => Number.parseInt(text.split('.')[part] ?? '', 10) || 0)
const isAtLeast = ([major = 0, minor = 0, patch = 0]: Version, [a = 0, b = 0, c = 0]: Version) =>
  major !== a ? major > a : minor !== b ? minor > b : patch >= c

/** Whether `version` is in a range of the forms that occur: `>=1.2`, `^1.2.3`, `1`, and several with `||`. */
function isInRange(version: Version, range: string): boolean {
  return range.split('||').some((alternative) => {
    const [, operator = '', text = ''] = /^(>=|\^|)\s*([\dx.]+)$/.exec(alternative.trim()) ?? []
    const bound = versionOf(text)
    return text !== '' && isAtLeast(version, bound) && (operator === '>=' || version[0] === bound[0])
  })
}

describe('npm ci', () => {
  const oldest = versionOf(manifest.engines.node.replace('>=', ''))

  it('installs packages for the oldest Node.js only', () => {
    const unfit = Object.entries(packages).filter(
      ([, { optional, engines }]) =>
        engines?.node !== undefined && optional !== true && !isInRange(oldest, engines.node),
    )
    expect(unfit.map(([name, { engines }]) => `${name} ${engines?.node}`)).toEqual([])
    expect([isInRange(oldest, '>=22'), isInRange(oldest, '^18 || ^22.12.0'), isInRange(oldest, 'x')]).not.toContain(
      true,
    )
  })

  it('asks for no decision about an install script: all of them are switched off', () => {
    const withScripts = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript === true)
    const names = withScripts.map(([path]) => path.replace(/^.*node_modules\//, ''))
    expect(manifest.allowScripts).toEqual(Object.fromEntries(names.map((name) => [name, false])))
  })
})
