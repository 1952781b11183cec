import type { Field } from './field.ts'

/** A value in one line; what is not set is told in words. */
export function shown(value: unknown): string {
  if (value === undefined) return '(default)'
  if (value === null) return '(not set)'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (value === '') return '(empty)'
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.length === 0 ? '(none)' : value.join(', ')
  }
  if (typeof value === 'object' && Object.keys(value).length === 0) return '(none)'
  return JSON.stringify(value)
}

/** A value as somebody edits it. */
export function textOf({ kind }: Pick<Field, 'kind'>, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (kind === 'lines' && Array.isArray(value)) return value.join('\n')
  if (kind === 'json') return JSON.stringify(value, null, 2)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What somebody typed, as a value; or why it cannot be one. Whether it may be that value is for the server to say. */
export function parsed(
  { kind, nullable }: Pick<Field, 'kind' | 'nullable'>,
  text: string,
): { value: unknown } | { problem: string } {
  if (kind === 'lines') {
    const lines = text.split('\n').map((line) => line.trim())
    return { value: lines.filter((line) => line !== '') }
  }
  if (text.trim() === '' && (nullable || kind === 'number' || kind === 'json')) {
    return nullable ? { value: null } : { problem: 'cannot be empty' }
  }
  if (kind === 'number') return { value: /^\s*-?\d+\s*$/.test(text) ? Number(text) : text }
  if (kind !== 'json') return { value: kind === 'instant' ? text.trim() : text }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    return { problem: `is no JSON: ${(error as Error).message}` }
  }
}

/** A value of the server's as text; nothing, where there is none. */
export function said(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
