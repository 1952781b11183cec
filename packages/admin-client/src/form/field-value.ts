import type { Field } from './field.ts'

/** A value on one line, for display. */
export function formatValue(value: unknown): string {
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

/** A value as the text of an input. */
export function editableText({ kind }: Pick<Field, 'kind'>, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (kind === 'lines' && Array.isArray(value)) return value.join('\n')
  if (kind === 'json') return JSON.stringify(value, null, 2)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The value of the text of an input, or why it has none. Whether the value is allowed is decided by the server. */
export function parseValue(
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
  if (kind !== 'json') return { value: kind === 'date-time' ? text.trim() : text }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    return { problem: `is not JSON: ${(error as Error).message}` }
  }
}

/** A value of the server as text; empty for null. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
