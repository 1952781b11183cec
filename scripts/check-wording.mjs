// Part of `npm run lint`: rejects vague words in code, docs and page texts, and suggests plain ones. Prints a line per
// finding, `file:line: "word": suggestion`, and exits with 1 if there is one. Arguments are files or folders to check
// instead of the usual ones.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Each word with its inflected forms, and what to write instead. */
const WORDS = [
  ["nobody(?:'?s)?", 'name the subject: no user, no client'],
  ["somebody(?:'?s)?", 'name the subject: the user, the client, another process'],
  ['whoever', 'name the subject: the user who, the client that'],
  ['told', 'returned, reported, notified, shown, logged'],
  ['so many', 'give the number, or name the limit'],
  ['so long as', 'while, if'],
  ['for so long', 'give the time, or name the limit'],
  ['some while', 'give the time'],
  ['(?:hangs?|hanging|hung) from', 'belongs to, depends on, references'],
  ['(?:takes?|taken|taking|took) back', 'revoke, revert'],
  ['is none', 'does not exist, is not set, is not allowed'],
  ['(?:hears?|heard|hearing) of', 'is notified of, reads'],
  ['nothing of', 'no part of, not'],
]

/** What is checked when no argument is given. */
const CHECKED = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  '.env.example',
  'docs',
  'src',
  'packages',
  'test',
  'prisma',
  'scripts',
  'bench',
]

/** Below these, what is not checked: the list of words itself, the test that has each of them, and generated code. */
const SKIPPED = ['scripts/check-wording.mjs', 'test/unit/check-wording.test.ts', 'src/storage/generated']

/** Lines that need such a word, because others have chosen a name. An entry without such a line is a finding, too. */
const EXEMPTIONS = [
  // The account of Unix systems under which the embedded PostgreSQL runs.
  { file: 'docs/operations.md', text: 'runs as the account `postgres` or `nobody`' },
  { file: 'src/storage/embedded/os-account.ts', text: 'else `postgres`, else `nobody`' },
  { file: 'src/storage/embedded/os-account.ts', text: "['postgres', 'nobody']" },
  { file: 'src/storage/embedded/os-account.ts', text: 'neither a postgres nor a nobody account' },
]

const TEXT_FILE = /\.(?:[cm]?[jt]sx?|json|md|sql|prisma|sh|ya?ml|html|css|example)$/
const FOREIGN_FOLDER = new Set(['node_modules', 'dist'])

/** A phrase may span lines of a comment, or be part of an identifier: `nobodyAsked`, `IS_NONE`, `take-back`. */
const patterns = WORDS.map(([word, suggestion]) => ({
  pattern: new RegExp(word.replaceAll(' ', String.raw`[\s*/#_-]*`), 'gi'),
  suggestion,
}))

const isLetter = (character) => /^\p{L}$/u.test(character)
const isLowercase = (character) => /^\p{Ll}$/u.test(character)
const isUppercase = (character) => /^\p{Lu}$/u.test(character)

/** Whether a match is a word, or a whole part of an identifier, and not the inside of another word. */
function isWholeWord(text, start, end) {
  const [before, first] = [text.charAt(start - 1), text.charAt(start)]
  const [last, after] = [text.charAt(end - 1), text.charAt(end)]
  const begins = !isLetter(before) || (isLowercase(before) && isUppercase(first))
  const ends = !isLetter(after) || (isLowercase(last) && isUppercase(after))
  return begins && ends
}

function findingsIn(text) {
  return patterns.flatMap(({ pattern, suggestion }) =>
    [...text.matchAll(pattern)]
      .filter(({ 0: found, index }) => isWholeWord(text, index, index + found.length))
      .map(({ 0: found, index }) => ({
        line: text.slice(0, index).split('\n').length,
        word: found.replaceAll(/\s+/g, ' '),
        suggestion,
      })),
  )
}

/** All text files below `path`, or `path` itself, without the paths in `skipped`. */
function filesOf(path, skipped) {
  if (skipped.includes(relative(ROOT, path)) || !existsSync(path)) return []
  if (!statSync(path).isDirectory()) return TEXT_FILE.test(path) ? [path] : []
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !FOREIGN_FOLDER.has(entry.name))
    .flatMap((entry) => filesOf(join(path, entry.name), skipped))
}

const given = process.argv.slice(2)
const files =
  given.length > 0
    ? given.flatMap((path) => filesOf(resolve(path), SKIPPED))
    : CHECKED.flatMap((path) => filesOf(join(ROOT, path), SKIPPED))
const used = new Set()
const report = files.flatMap((file) => {
  const name = relative(ROOT, file)
  const text = readFileSync(file, 'utf8')
  const lines = text.split('\n')
  const exemptions = EXEMPTIONS.filter((exemption) => exemption.file === name)
  return findingsIn(text)
    .filter(({ line }) => {
      const exemption = exemptions.find((candidate) => lines[line - 1]?.includes(candidate.text))
      if (exemption) used.add(exemption)
      return !exemption
    })
    .toSorted((one, other) => one.line - other.line)
    .map(({ line, word, suggestion }) => `${name}:${line}: "${word}": ${suggestion}`)
})
const stale =
  given.length > 0
    ? []
    : EXEMPTIONS.filter((exemption) => !used.has(exemption)).map(
        ({ file, text }) => `${file}: no line needs the exemption "${text}" any more`,
      )

for (const line of [...report, ...stale]) console.error(line)
if (report.length + stale.length > 0) process.exitCode = 1
