// `import` reads exports of users: this server's own format, and those of other identity providers.

import { Failure } from '../failure.ts'
import { auth0User } from './auth0.ts'
import { readCsv } from './csv.ts'
import { type FirebaseParameters, firebaseUser } from './firebase.ts'
import { keycloakUser } from './keycloak.ts'

/** A user as the API takes them. */
export type ImportUser = Record<string, unknown>

export const formats = ['cerberus', 'keycloak', 'auth0', 'firebase', 'csv'] as const
export type ImportFormat = (typeof formats)[number]

/** The users of an export. Members that are empty are left out. */
export function readUsers(text: string, format: ImportFormat, firebase: FirebaseParameters): ImportUser[] {
  if (format === 'csv') return readCsv(text)
  const convert = {
    cerberus: (user: ImportUser) => user,
    keycloak: keycloakUser,
    auth0: auth0User,
    firebase: (user: ImportUser) => firebaseUser(user, firebase),
  }[format]
  return parseRecords(text).map((user) => withoutUndefined(convert(user)))
}

/** A JSON array, an object with the array `users`, or one JSON object per line. */
export function parseRecords(text: string): ImportUser[] {
  const whole = tryParse(text)
  const records = whole === undefined ? parseLines(text) : (membersOf(whole)?.['users'] ?? whole)
  const list = Array.isArray(records) ? (records as unknown[]) : [records]
  return list.map((record, index) => {
    const user = membersOf(record)
    if (!user) throw new Failure('invalid', `User ${index + 1} is not a JSON object.`)
    return user
  })
}

function parseLines(text: string): unknown[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '') return []
    const record = tryParse(line)
    if (record === undefined) throw new Failure('invalid', `Line ${index + 1} is not JSON.`)
    return [record]
  })
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function membersOf(value: unknown): ImportUser | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ImportUser) : undefined
}

const withoutUndefined = (user: ImportUser): ImportUser =>
  Object.fromEntries(Object.entries(user).filter(([, value]) => value !== undefined && value !== ''))
