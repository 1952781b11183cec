import { describe, expect, it } from 'vitest'
import { ALL_KEYS } from '../../src/keys/key-set.ts'
import { HELP, parseCommandLine } from '../../src/server/commands/command-line.ts'

describe('the arguments of the server', () => {
  it.each([
    [[], { name: 'serve' }],
    [['--help'], { name: 'help' }],
    [['-h'], { name: 'help' }],
    [['help'], { name: 'help' }],
    [['owner-reset', '--help'], { name: 'help' }],
    [['rotate-keys'], { name: 'rotate-keys', rotation: ALL_KEYS }],
    [
      ['rotate-keys', '--now', '--algorithms', 'ES256'],
      { name: 'rotate-keys', rotation: { algorithms: ['ES256'], when: 'now' } },
    ],
    [['owner-reset'], { name: 'owner-reset', email: undefined }],
    [['owner-reset', '--email', 'me@acme.test'], { name: 'owner-reset', email: 'me@acme.test' }],
    [['owner', 'reset', '--email=me@acme.test'], { name: 'owner-reset', email: 'me@acme.test' }],
  ])('%j', (args, command) => {
    expect(parseCommandLine(args)).toEqual(command)
  })

  it.each([
    [['rotate-key'], /^Unknown command rotate-key\. The commands are rotate-keys and owner-reset/],
    [['start'], /^Unknown command start\./],
    [['--port', '80'], /^Unknown option --port\./],
    [['-v'], /^Unknown option -v\./],
    [[''], /^Unknown command \./],
    [['owner'], /^Unknown command owner\./],
    [['rotate-keys', 'now'], /^Unexpected argument 'now'\. --help lists the options\.$/],
    [['rotate-keys', '--algoritms', 'ES256'], /^Unknown option '--algoritms'\. --help lists the options\.$/],
    [['rotate-keys', '--algorithms'], /'--algorithms <value>' argument missing\. --help/],
    [['rotate-keys', '--algorithms', 'HS256'], /^Unknown algorithm HS256\./],
    [['owner-reset', 'me@acme.test'], /^Unexpected argument 'me@acme\.test'/],
  ])('%j are refused in one line', (args, expected) => {
    expect(() => parseCommandLine(args)).toThrow(expected)
    expect(() => parseCommandLine(args)).not.toThrow(/\n/)
  })

  it('are explained: every command and its options', () => {
    for (const words of ['rotate-keys', '--algorithms', '--now', 'owner-reset', '--email'])
      expect(HELP).toContain(words)
  })
})
