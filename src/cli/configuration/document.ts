import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, visit, type Document, type Node } from 'yaml'
import { isObject } from '../../lib/object.ts'
import { Failure } from '../failure.ts'
import type { Source } from './sources.ts'

/** A client as a file has it. */
export interface Entry {
  /** What it is called on every server. */
  externalId: string | undefined
  /** What it is called on one server. */
  clientId: string | undefined
  /** What is said of it, by the names of the interface, `externalId` included; null: the default. */
  members: Readonly<Record<string, unknown>>
  /** The group that its document owns. */
  owner: string | undefined
  /** Where something of it stands: `clients.yaml:12`. */
  at(path?: readonly (string | number)[]): string
}

export interface Configuration {
  entries: Entry[]
  /** The groups that the files own: whose clients are theirs to remove. */
  groups: string[]
}

/** What is wrong with a configuration, each with its place; `invalid`. */
export function wrongConfiguration(problems: readonly string[]): Failure {
  const are = problems.length === 1 ? 'is a problem' : `are ${problems.length} problems`
  return new Failure('invalid', `There ${are} in the configuration.`, problems)
}

/**
 * Reads documents of YAML or JSON: `clients` and, where it owns one, `owns` with a group; or a list of clients alone.
 * `${name}` in a text is replaced by a variable. `settable` are the members that a client can be given. All that is wrong
 * is thrown at once.
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
    if ('empty' in documents) problems.push(`${name}: there is nothing in it`)
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
  problems.push(...doubled(entries, 'externalId'), ...doubled(entries, 'clientId'))
  if (problems.length > 0) throw wrongConfiguration(problems)
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
  for (const name of Object.keys(others)) problems.push(`${at(root, [name])}: ${name} is not clients or owns`)
  if (!isSeq(listed) || !Array.isArray(clients)) {
    problems.push(`${at(root)}: this is no list of clients, and has none as clients`)
    return { problems, entries: [], owner: undefined }
  }
  const owner = ownerOf(owns)
  if (owner === null) problems.push(`${at(root, ['owns'])}: owns names one group, as in {group: team/payments}`)
  const entries = clients.flatMap((client: unknown, index): Entry[] => {
    const node = listed.items[index] as Node
    if (!isObject(client)) {
      problems.push(`${at(node)}: this is no client`)
      return []
    }
    const { clientId, ...members } = client
    const { externalId } = members
    for (const [name, id] of Object.entries({ clientId, externalId })) {
      if (id !== undefined && typeof id !== 'string') problems.push(`${at(node, [name])}: ${name} must be a text`)
    }
    if (clientId === undefined && externalId === undefined) {
      problems.push(`${at(node)}: needs an externalId, which is yours to choose and stays, or a clientId`)
    }
    for (const name of Object.keys(members).filter((member) => !settable.has(member))) {
      problems.push(`${at(node, [name])}: ${name} is nothing that a client can be given`)
    }
    return [
      {
        externalId: typeof externalId === 'string' ? externalId : undefined,
        clientId: typeof clientId === 'string' ? clientId : undefined,
        members,
        owner: owner ?? undefined,
        at: (path = []) => at(node, path),
      },
    ]
  })
  return { problems, entries, owner: owner ?? undefined }
}

/** The group that a document owns; undefined: none, null: it says something else. */
function ownerOf(owns: unknown): string | undefined | null {
  if (owns === undefined) return undefined
  const { group, ...others } = (typeof owns === 'object' ? (owns ?? {}) : {}) as Record<string, unknown>
  return typeof group === 'string' && group !== '' && Object.keys(others).length === 0 ? group : null
}

function doubled(entries: readonly Entry[], name: 'externalId' | 'clientId'): string[] {
  const seen = new Map<string, Entry>()
  return entries.flatMap((entry) => {
    const id = entry[name]
    if (id === undefined) return []
    const before = seen.get(id)
    seen.set(id, before ?? entry)
    return before ? [`${entry.at([name])}: the ${name} ${id} is that of ${before.at([name])}`] : []
  })
}

const VARIABLE = /\$\$\{|\$\{([\w.-]+)\}/g

/** Puts variables into texts. What is not to be one is written `$${`. */
function replaceVariables(
  document: Document.Parsed,
  variables: Readonly<Record<string, string>>,
  wrong: (offset: number, problem: string) => void,
): void {
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return
      node.value = node.value.replaceAll(VARIABLE, (found, name: string | undefined) => {
        if (name === undefined) return '${'
        if (Object.hasOwn(variables, name)) return variables[name] ?? ''
        wrong(node.range?.[0] ?? 0, `${found} is not set: --var ${name}=…`)
        return found
      })
    },
  })
}

/** A text that is to stand in a configuration as it is. */
export function withoutVariables(text: string): string {
  return text.replaceAll('${', () => '$${')
}

/** Where a member or an item stands, as far as the path leads. */
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
