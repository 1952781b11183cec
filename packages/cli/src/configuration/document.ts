// `configuration` is configuration as code: files are read, compared with a server, and applied to it. There is no state
// file: the server finds the client of an entry by its externalId or clientId.

import { isObject } from 'cerberus-idp-admin-client'
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, visit } from 'yaml'
import { Failure } from '../failure.ts'
import { closestName } from '../input/closest-name.ts'
import {
  type DirectoryEntry,
  directoryKinds,
  findRepeated,
  isOwnable,
  type OwnableKind,
  readDirectory,
} from './directory/entries.ts'
import type { Source } from './sources.ts'

/** A client in a file. */
export interface Entry {
  /** Its name on every server, chosen by the file. */
  externalId: string | undefined
  /** Its name in the protocol: chosen by the file, or on one server by the server. */
  clientId: string | undefined
  /** Its settings by the names of the API, with `externalId`; null: the default. */
  members: Readonly<Record<string, unknown>>
  /** The group that its document owns. */
  owner: string | undefined
  /** The place of a member in the file: `clients.yaml:12`. */
  location(path?: readonly (string | number)[]): string
}

export interface Configuration {
  entries: Entry[]
  /** The groups that the files own: pruning removes their other clients. */
  groups: string[]
  directory: DirectoryEntry[]
  /** What else the files own: pruning removes the others of the organisation. */
  owned: OwnableKind[]
}

/** The failure of an invalid configuration, with a line for each problem. */
export function invalidConfiguration(problems: readonly string[]): Failure {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  return new Failure('invalid', `The configuration has ${count}.`, problems)
}

/** The members that can be set, by what has them. */
export interface SettableMembers {
  client: ReadonlySet<string>
  organisation: ReadonlySet<string>
}

/**
 * Reads YAML or JSON documents: a mapping of `clients`, `roles`, `teams`, `webhooks` and `organisation`, and optionally
 * `owns`, or a list of clients. `${name}` in a text is replaced by a variable. All problems are thrown together.
 */
export function readConfiguration(
  sources: readonly Source[],
  variables: Readonly<Record<string, string>>,
  settable: SettableMembers,
): Configuration {
  const problems: string[] = []
  const entries: Entry[] = []
  const directory: DirectoryEntry[] = []
  const groups = new Set<string>()
  const owned = new Set<OwnableKind>()
  for (const { name, text } of sources) {
    const lines = new LineCounter()
    const place = (offset: number) => `${name}:${lines.linePos(offset).line}`
    const documents = parseAllDocuments(text, { lineCounter: lines, merge: true, prettyErrors: false })
    if ('empty' in documents) problems.push(`${name}: the file is empty`)
    for (const document of documents) {
      for (const { pos, message } of document.errors) problems.push(`${place(pos[0])}: ${message}`)
      if (document.errors.length > 0 || document.contents === null) continue
      replaceVariables(document, variables, (offset, problem) => problems.push(`${place(offset)}: ${problem}`))
      const read = readDocument(document, place, settable)
      problems.push(...read.problems)
      entries.push(...read.entries)
      directory.push(...read.directory)
      if (read.owner !== undefined) groups.add(read.owner)
      for (const kind of read.owned) owned.add(kind)
    }
  }
  problems.push(
    ...findDuplicates(entries, 'externalId'),
    ...findDuplicates(entries, 'clientId'),
    ...findRepeated(directory),
  )
  if (problems.length > 0) throw invalidConfiguration(problems)
  return { entries, groups: [...groups], directory, owned: [...owned] }
}

/** What is read of one document. */
interface ReadDocument {
  problems: string[]
  entries: Entry[]
  directory: DirectoryEntry[]
  owner: string | undefined
  owned: readonly OwnableKind[]
}

const DOCUMENT_MEMBERS = ['clients', 'owns', ...directoryKinds]

function readDocument(
  document: Document.Parsed,
  place: (offset: number) => string,
  settable: SettableMembers,
): ReadDocument {
  const problems: string[] = []
  const nothing = { problems, entries: [], directory: [], owner: undefined, owned: [] }
  const root = document.contents as Node
  const at = (node: Node, path: readonly (string | number)[] = []) => place(offsetOf(node, path))
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 10_000 })
  } catch (error) {
    problems.push(`${at(root)}: ${(error as Error).message}`)
    return nothing
  }
  const members = isMap(root) ? (value as Record<string, unknown>) : {}
  for (const name of Object.keys(members).filter((one) => !DOCUMENT_MEMBERS.includes(one)))
    problems.push(`${at(root, [name])}: ${name} is unknown: only ${DOCUMENT_MEMBERS.join(', ')} are allowed`)
  const read = readDirectory(members, (path) => at(root, path), settable.organisation)
  problems.push(...read.problems)
  const ownership = readOwnership(members['owns'])
  if (!ownership) {
    problems.push(
      `${at(root, ['owns'])}: owns must name a group or kinds, as in {group: team/payments} or {roles: true}`,
    )
  }
  const { group: owner, kinds: owned = [] } = ownership ?? {}
  const others = { problems, directory: read.entries, owner, owned }
  if (isMap(root) && !('clients' in members) && directoryKinds.some((kind) => kind in members)) {
    return { ...others, entries: [] }
  }
  const listed = isSeq(root) ? root : isMap(root) ? root.get('clients', true) : undefined
  const clients = isMap(root) ? members['clients'] : value
  if (!isSeq(listed) || !Array.isArray(clients)) {
    problems.push(`${at(root)}: neither a list of clients, nor a mapping with clients`)
    return { ...others, entries: [] }
  }
  return { ...others, entries: readClients(clients, listed.items as Node[], at, settable.client, owner, problems) }
}

/** Reads the clients of a list, and adds their problems to `problems`. */
function readClients(
  clients: readonly unknown[],
  nodes: readonly Node[],
  at: (node: Node, path?: readonly (string | number)[]) => string,
  settable: ReadonlySet<string>,
  owner: string | undefined,
  problems: string[],
): Entry[] {
  return clients.flatMap((client: unknown, index): Entry[] => {
    const node = nodes[index] as Node
    if (!isObject(client)) {
      problems.push(`${at(node)}: a client must be a mapping`)
      return []
    }
    const { clientId, ...members } = client
    const { externalId } = members
    for (const [name, id] of Object.entries({ clientId, externalId })) {
      if (id !== undefined && typeof id !== 'string') problems.push(`${at(node, [name])}: ${name} must be a string`)
    }
    if (clientId === undefined && externalId === undefined) {
      problems.push(`${at(node)}: an externalId, which you choose, or a clientId is required`)
    }
    for (const name of Object.keys(members).filter((member) => !settable.has(member))) {
      const meant = closestName(name, settable)
      const advice = meant === undefined ? '' : `; did you mean ${meant}?`
      problems.push(`${at(node, [name])}: ${name} is not a setting of clients${advice}`)
    }
    return [
      {
        externalId: typeof externalId === 'string' ? externalId : undefined,
        clientId: typeof clientId === 'string' ? clientId : undefined,
        members,
        owner,
        location: (path = []) => at(node, path),
      },
    ]
  })
}

/** What a document owns: a group of clients, and kinds of which it has all; undefined: invalid. */
function readOwnership(owns: unknown): { group?: string; kinds: readonly OwnableKind[] } | undefined {
  if (owns === undefined) return { kinds: [] }
  if (!isObject(owns)) return undefined
  const { group, ...others } = owns
  const kinds = Object.keys(others).filter(isOwnable)
  if (kinds.length < Object.keys(others).length || Object.values(others).some((one) => one !== true)) return undefined
  if (group === undefined) return kinds.length > 0 ? { kinds } : undefined
  return typeof group === 'string' && group !== '' ? { group, kinds } : undefined
}

function findDuplicates(entries: readonly Entry[], name: 'externalId' | 'clientId'): string[] {
  const seen = new Map<string, Entry>()
  return entries.flatMap((entry) => {
    const id = entry[name]
    if (id === undefined) return []
    const before = seen.get(id)
    seen.set(id, before ?? entry)
    return before ? [`${entry.location([name])}: the ${name} ${id} is already used at ${before.location([name])}`] : []
  })
}

const VARIABLE = /\$\$\{|\$\{([\w.-]+)\}/g

/** Replaces variables in texts. `$${` stands for a literal `${`. */
function replaceVariables(
  document: Document.Parsed,
  variables: Readonly<Record<string, string>>,
  report: (offset: number, problem: string) => void,
): void {
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return
      node.value = node.value.replaceAll(VARIABLE, (found, name: string | undefined) => {
        if (name === undefined) return '${'
        if (Object.hasOwn(variables, name)) return variables[name] ?? ''
        report(node.range?.[0] ?? 0, `${found} is not set: --var ${name}=…`)
        return found
      })
    },
  })
}

/** Escapes a text so that it contains no variables. */
export function escapeVariables(text: string): string {
  return text.replaceAll('${', () => '$${')
}

/** The offset of a member or an item, or of the last part of the path that exists. */
function offsetOf(node: Node, path: readonly (string | number)[]): number {
  let [found, at]: [unknown, number] = [node, node.range?.[0] ?? 0]
  for (const step of path) {
    if (isMap(found)) {
      const pair = found.items.find(({ key }) => isScalar(key) && key.value === step)
      if (!pair) break
      at = (pair.key as Node).range?.[0] ?? at
      found = pair.value
    } else if (isSeq(found)) {
      found = found.items[Number(step)]
      at = (found as Node | undefined)?.range?.[0] ?? at
    } else break
  }
  return at
}
