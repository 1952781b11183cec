// Joins the modules of a program and what they import into few files: Node.js takes longer to find and open a thousand small
// files than to run them. `npm run build` bundles the server and the `cerberus` command.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Bundled CommonJS packages call `require` for modules of Node.js and for what is not bundled. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"

/**
 * Writes a file for each entry, and one for each part that is shared or loaded on demand. All are in `outdir` itself, so
 * that a path relative to `import.meta.url` is the same in each. Types are not checked.
 *
 * @param {import('esbuild').BuildOptions} options
 * @returns {string[]} the files that were joined, relative to the root of the checkout
 */
function bundle(options) {
  const { metafile } = buildSync({
    ...options,
    absWorkingDir: root,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    banner: { js: REQUIRE },
    metafile: true,
    logLevel: 'warning',
  })
  return Object.keys(metafile.inputs)
}

/** `main.js` is the server, `hash-worker-program.js` the process that hashes its passwords. */
export function bundleServer(outdir) {
  return bundle({
    entryPoints: ['src/server/main.ts', 'src/authentication/factors/password/hash-worker-program.ts'],
    outdir,
    tsconfig: 'tsconfig.json',
    // A native module, which finds its binary beside itself; and one that `pg` can do without.
    external: ['argon2', 'pg-native'],
    sourcemap: true,
    sourcesContent: false,
  })
}

/** `main.js` is the command; `run.js` exports it as a function. Nothing else needs to be installed. */
export function bundleCli(outdir) {
  return bundle({
    entryPoints: ['packages/cli/src/main.ts', 'packages/cli/src/run.ts'],
    outdir,
    tsconfig: 'packages/cli/tsconfig.json',
    // Ink loads it while Ink itself is developed.
    external: ['react-devtools-core'],
    // React is much slower where it is not defined.
    define: { 'process.env.NODE_ENV': '"production"' },
  })
}
