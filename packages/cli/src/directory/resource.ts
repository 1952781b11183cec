// `directory` describes users, roles, teams and what belongs to them: their names, columns, settings and acts. Commands and
// screens are made from these descriptions.

import type { ApiRequest, Page, Query } from 'cerberus-idp-admin-client'
import type { Columns } from '../output/table.ts'

/** What a command or a screen was given, by the names of the parameters. */
export type Values = Readonly<Record<string, unknown>>

/** An argument or an option of a command. */
export interface Parameter {
  /** Its name in `Values`, and in the body where it is a member of one. */
  name: string
  /** As in the usage: `<email>` for an argument, `--role <role...>` for an option. Three dots: a list. */
  usage: string
  help: string
  /** `file`: the value is the text of a file that is named. */
  type?: 'number' | 'boolean' | 'file'
  choices?: readonly string[]
  /** The noun of the resource that it names. The value becomes its id, or with `by` that member. */
  refersTo?: Noun
}

export type Noun =
  | 'user'
  | 'role'
  | 'permission'
  | 'team'
  | 'invitation'
  | 'service-account'
  | 'api-key'
  | 'resource'
  | 'webhook'
  | 'organisation'
  | 'onboarding-token'
  | 'domain'
  | 'membership'
  | 'user-attribute'
  | 'mail'

/** A list that belongs to one item, such as the sessions of a user. */
export interface RelatedList<Item> {
  verb: string
  help: string
  /** The arguments after the command in its example. */
  example: string
  plural: string
  columns: Columns<Record<string, unknown>>
  filters?: readonly Parameter[]
  /** Whether the list has pages. */
  paged?: true
  list(item: Item, query: Query): ApiRequest<{ data: object[] }>
  /** A related item as it is shown. */
  show?(item: object): object
}

/** Something that is done to one item. */
export interface Act<Item> {
  verb: string
  help: string
  example: string
  parameters?: readonly Parameter[]
  /** What narrows the list in which the item is looked up. */
  lookup?: Query
  /** Whether it is done to the `own` item of the resource, which the command does not name. */
  toOwn?: true
  /** Whether the server tries it with `dryRun`. */
  hasDryRun?: true
  /** What is read before the question and the request, such as a number that the server wants confirmed. */
  prepare?(item: Item): ApiRequest<Values>
  /** The question before it; without one, it needs no confirmation. `title` is that of the item. */
  question?(title: string, values: Values, prepared: Values): string
  /** What else ends with it: lists whose numbers the question has. */
  ends?: readonly { noun: string; list(item: Item): ApiRequest<{ data: object[]; total?: number }> }[]
  /** Why the values do not make a request. */
  problem?(values: Values): string | undefined
  request(item: Item, values: Values, prepared: Values): ApiRequest
  /** The message after it. Without one, the response is shown. */
  done?(title: string, values: Values, body: unknown): string
  /** The item in the response, which is shown. */
  result?(body: unknown): unknown
  /** What else is shown of the response. */
  report?(body: unknown): object
  /** Whether the response is a failure, for the exit code. */
  fails?(body: unknown): boolean
}

/** Something that is done without an item. */
export interface OwnAct {
  verb: string
  help: string
  example: string
  parameters?: readonly Parameter[]
  question?(values: Values): string
  request(values: Values): ApiRequest
  /** The message after it. Without one, the response is shown. */
  done?(body: unknown, values: Values): string
}

/** How an item is created. */
export interface Creation<Item> {
  /** By default `create`. */
  verb?: string
  operationId: string
  help: string
  example: string
  parameters: readonly Parameter[]
  hasDryRun?: true
  /** A body that needs more than the values as they are. */
  body?(values: Values): Values
  request(body: unknown): ApiRequest<Item>
}

/** How the settings of an item are changed. */
export interface Change<Item> {
  operationId: string
  help: string
  example: string
  parameters: readonly Parameter[]
  hasDryRun?: true
  request(id: string, changes: unknown): ApiRequest<Item>
  /** Members of the body that are not settings, but acts of their own. */
  except?: readonly string[]
}

export interface Resource<Item extends object> {
  noun: Noun
  plural: string
  help: string
  columns: Columns<Item>
  idOf(item: Item): string
  /** What users call an item, besides its id: the first is its key, the others may be shared. */
  namesOf(item: Item): readonly (string | null | undefined)[]
  list(query: Query): ApiRequest<Page<Item>>
  /** Whether the list has no pages: all items come at once. */
  isWhole?: true
  filters: readonly Parameter[]
  /** The example of `list`, after the command. */
  listExample: string
  /** Where the server reads single items; otherwise `fromId` makes an item, of which only the id is known. */
  get?(id: string): ApiRequest<Item>
  fromId?(id: string): Item
  /** The query that finds an item by a name; by default its search. */
  lookup?(name: string): Query
  /** The item that is meant where none is named. */
  own?: { get(): ApiRequest<Item>; change?(changes: unknown): ApiRequest<Item> }
  /** An item as it is shown. */
  show?(item: Item): object
  create?: Creation<Item>
  change?: Change<Item>
  related?: readonly RelatedList<Item>[]
  acts?: readonly Act<Item>[]
  ownActs?: readonly OwnAct[]
}

/** A resource whose items are looked at through the functions of its description only. */
export type AnyItem = Record<string, unknown>
export type AnyResource = Resource<AnyItem>

export const anyResource = <Item extends object>(resource: Resource<Item>): AnyResource =>
  resource as unknown as AnyResource

/** How an item is named in questions: “Support” (support). */
export function titleOf<Item extends object>({ namesOf, idOf }: Resource<Item>, item: Item): string {
  const [key, ...others] = namesOf(item)
  const name = others.find((one) => typeof one === 'string' && one !== '')
  const shown = key ?? idOf(item)
  return name === undefined || name === null || name === shown ? shown : `“${name}” (${shown})`
}

export const text = (value: unknown): string => (typeof value === 'string' ? value : '')
export const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
