// `configuration` is configuration as code: files with clients are read, compared with a server, and applied to it. There is
// no state file: the server finds the client of an entry by its externalId or clientId.

import { isObject } from 'cerberus-idp-admin-client'
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, visit } from 'yaml'
import { Failure } from '../failure.ts'
import { closestName } from '../input/closest-name.ts'
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
}

/** The failure of an invalid configuration, with a line for each problem. */
export function invalidConfiguration(problems: readonly string[]): Failure {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  return new Failure('invalid', `The configuration has ${count}.`, problems)
}

/**
 * Reads YAML or JSON documents: a mapping of `clients` and optionally `owns` with a group, or a list of clients. `${name}`
 * in a text is replaced by a variable. `settable` are the members that a client can have. All problems are thrown together.
 */
export function readConfiguration(
  sources: readonly Source[],
  variables: Readonly<Record<string, string>>,
  settable: ReadonlySet<string>,
): Configuration {
  const problems: string[] = []
  const entries: Entry[] = []
  const groups = new Set<string>()
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
      if (read.owner !== undefined) groups.add(read.owner)
    }
  }
  problems.push(...findDuplicates(entries, 'externalId'), ...findDuplicates(entries, 'clientId'))
  if (problems.length > 0) throw invalidConfiguration(problems)
  return { entries, groups: [...groups] }
}

function readDocument(document: Document.Parsed, place: (offset: number) => string, settable: ReadonlySet<string>) {
  const problems: string[] = []
  const root = document.contents as Node
  const at = (node: Node, path: readonly (string | number)[] = []) => place(offsetOf(node, path))
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 10_000 })
  } catch (error) {
    return { problems: [`${at(root)}: ${(error as Error).message}`], entries: [], owner: undefined }
  }
  const listed = isSeq(root) ? root : isMap(root) ? root.get('clients', true) : undefined
  const { clients = value, owns, ...others } = isMap(root) ? (value as Record<string, unknown>) : {}
  for (const name of Object.keys(others))
    problems.push(`${at(root, [name])}: ${name} is unknown: only clients and owns are allowed`)
  if (!isSeq(listed) || !Array.isArray(clients)) {
    problems.push(`${at(root)}: neither a list of clients, nor a mapping with clients`)
    return { problems, entries: [], owner: undefined }
  }
  const owner = ownerOf(owns)
  if (owner === null) problems.push(`${at(root, ['owns'])}: owns must name one group, as in {group: team/payments}`)
  const entries = clients.flatMap((client: unknown, index): Entry[] => {
    const node = listed.items[index] as Node
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
        owner: owner ?? undefined,
        location: (path = []) => at(node, path),
      },
    ]
  })
  return { problems, entries, owner: owner ?? undefined }
}

/** The group that a document owns; undefined: none, null: invalid. */
function ownerOf(owns: unknown): string | undefined | null {
  if (owns === undefined) return undefined
  const { group, ...others } = (typeof owns === 'object' ? (owns ?? {}) : {}) as Record<string, unknown>
  return typeof group === 'string' && group !== '' && Object.keys(others).length === 0 ? group : null
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
