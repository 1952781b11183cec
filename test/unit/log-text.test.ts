import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { formatLogLine } from '../../src/server/log-text.ts'

function textOf(write: (log: pino.Logger) => void): string {
  const lines: string[] = []
  const timestamp = () => ',"time":"2026-01-15T10:20:30.456Z"'
  write(pino({ name: 'cerberus', level: 'trace', timestamp }, { write: (line: string) => void lines.push(line) }))
  return lines.map(formatLogLine).join('')
}

describe('a log line as text', () => {
  it('has time, level, message and fields', () => {
    const text = textOf((log) =>
      log.info({ reqId: 'r-1', method: 'GET', status: 200, path: '/a b', deep: { x: 1 } }, 'done'),
    )
    expect(text).toBe('10:20:30.456 INFO  done reqId=r-1 method=GET status=200 path="/a b" deep={"x":1}\n')
  })

  it('has the stack of an error and of its cause below it', () => {
    const err = { stack: 'Error: outer\n    at a\n    at b', cause: { stack: 'TypeError: inner\n    at c' } }
    const text = textOf((log) => log.error({ err }, 'failed'))
    expect(text.split('\n')).toEqual([
      '10:20:30.456 ERROR failed',
      '    Error: outer',
      '        at a',
      '        at b',
      '    caused by:',
      '    TypeError: inner',
      '        at c',
      '',
    ])
  })

  it('contains no control character of a caller', () => {
    const attack = '\u001b[2J\r\n\u009b31m\u202egnp'
    const text = textOf((log) => log.warn({ agent: attack, err: { stack: attack } }, attack))
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
    expect(text.split('\n')).toHaveLength(4)
  })

  it('that is not JSON stays as it is', () => {
    expect(formatLogLine('PostgreSQL: FATAL\n')).toBe('PostgreSQL: FATAL\n')
  })
})
