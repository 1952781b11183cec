// `npm run pack:cli [-- FOLDER]`: writes the `cerberus` command as one tarball, which npm can install without this
// repository. The admin client is bundled, since it is not published by itself; other dependencies come from the registry.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const destination = resolve(process.argv[2] ?? '.')
const BUNDLED = 'cerberus-idp-admin-client'

/** Copies what a package publishes: its manifest, its `files` and its README. */
function copyPackage(name, target) {
  const source = join(root, 'packages', name)
  const { devDependencies: _, ...manifest } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
  mkdirSync(target, { recursive: true })
  for (const file of [...manifest.files, 'README.md'])
    cpSync(join(source, file), join(target, file), { recursive: true })
  return manifest
}

function run(program, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status === 0) return stdout
  console.error(error?.message ?? `${stdout}${stderr}`.trim())
  process.exit(1)
}

run(process.execPath, [join(root, 'scripts', 'build.mjs')], root)
const staging = mkdtempSync(join(tmpdir(), 'cerberus-pack-'))
try {
  const bundled = join(staging, 'node_modules', BUNDLED)
  const manifests = [
    [staging, { ...copyPackage('cli', staging), bundleDependencies: [BUNDLED] }],
    [bundled, copyPackage('admin-client', bundled)],
  ]
  for (const [folder, manifest] of manifests) {
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  }
  mkdirSync(destination, { recursive: true })
  const packed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', destination], staging)
  console.log(join(destination, JSON.parse(packed)[0].filename))
} finally {
  rmSync(staging, { recursive: true, force: true })
}
