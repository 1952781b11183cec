// `npm run pack:cli [-- FOLDER]`: writes the `cerberus` command as one tarball, which npm can install without this
// repository. What the command needs is bundled, so that it installs without a registry, too.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const cli = join(root, 'packages', 'cli')
const destination = resolve(process.argv[2] ?? '.')
const LICENSES = 'THIRD-PARTY-LICENSES.txt'

function run(program, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status === 0) return stdout
  console.error(error?.message ?? `${stdout}${stderr}`.trim())
  process.exit(1)
}

/** The folders of the packages that these files belong to, relative to the root of the checkout. */
function packageFolders(files) {
  const folders = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0])
  return [...new Set(folders)].filter((folder) => folder !== undefined).toSorted((a, b) => (a < b ? -1 : 1))
}

/** Name, version, and the text or, where the package has none, the name of its licence. */
function licenseOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const file = readdirSync(join(root, folder)).find((one) => /^licen[cs]e/i.test(one))
  return `${name} ${version}\n\n${file === undefined ? license : readFileSync(join(root, folder, file), 'utf8').trim()}\n`
}

run(process.execPath, [join(root, 'scripts', 'build.mjs')], root)
const { bundleCli } = await import('./bundle.mjs')
const staging = mkdtempSync(join(tmpdir(), 'cerberus-pack-'))
try {
  const joined = bundleCli(join(staging, 'dist'))
  for (const name of ['bin', 'README.md']) cpSync(join(cli, name), join(staging, name), { recursive: true })
  writeFileSync(
    join(staging, LICENSES),
    packageFolders(joined)
      .map(licenseOf)
      .join(`\n${'-'.repeat(80)}\n\n`),
  )
  const {
    dependencies: _,
    devDependencies: __,
    files,
    ...manifest
  } = JSON.parse(readFileSync(join(cli, 'package.json'), 'utf8'))
  const published = { ...manifest, files: [...files, LICENSES] }
  writeFileSync(join(staging, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  mkdirSync(destination, { recursive: true })
  const packed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', destination], staging)
  console.log(join(destination, JSON.parse(packed)[0].filename))
} finally {
  rmSync(staging, { recursive: true, force: true })
}
