// The lists of users, roles, teams and the like in `cerberus tui`.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OWNER } from '../support/app.ts'
import type { Screen } from '../support/terminal-screen.ts'
import { startTuiEnvironment, type TuiEnvironment } from './tui-environment.ts'

let stage: TuiEnvironment
/** One program for all tests: each begins and ends in a list, which keeps its search. */
let screen: Screen
beforeAll(async () => {
  stage = await startTuiEnvironment(['*'])
  for (const line of [
    'role create support --permission users:read',
    'role create unused --permission users:read',
    'user create grace@tui.test --first-name Grace --last-name Hopper',
  ]) {
    const { code, stderr } = await stage.terminal.call(line.split(' '))
    if (code !== 0) throw new Error(stderr)
  }
  screen = await stage.open()
}, 240_000)
afterAll(() => stage.close())

interface Users {
  data: { status: string; blockedReason: string | null; roles: { slug: string }[] }[]
}
const grace = async () => (await stage.fetchJson<Users>('/v1/admin/users?email=grace@tui.test')).data[0]

it('goes to another list by a digit and by a menu, searches it, and opens an item', async () => {
  await screen.press('2')
  expect(await screen.shows(/2 users · page 1 of 1/)).toContain(OWNER.email)
  screen.type('/hopper')
  await screen.shows(/^> grace@tui\.test /m)
  await screen.press('enter', 'enter')
  expect(await screen.shows(/Users › “Grace Hopper”/)).toMatch(/^ email +grace@tui\.test$/m)
  await screen.press('escape')
  await screen.shows('/hopper')
  await screen.press('l')
  await screen.shows('4 Teams')
  await screen.press('4')
  await screen.shows('No teams.')
  await screen.press('1')
  await screen.shows('All clients')
})

it('blocks a user after a confirmation, and gives a role', async () => {
  await screen.press('2')
  await screen.shows(/^> grace@tui\.test /m)
  await screen.press('enter')
  await screen.shows(/Users › “Grace Hopper”/)
  await screen.press('a', 'enter')
  await screen.shows('why, for administrators')
  screen.type('Left us')
  await screen.shows('> Left us')
  await screen.press('enter')
  await screen.shows('Block “Grace Hopper” (grace@tui.test)?')
  await screen.press('y')
  await screen.shows('Blocked “Grace Hopper” (grace@tui.test).')
  expect(await grace()).toMatchObject({ status: 'blocked', blockedReason: 'Left us' })
  await screen.press('escape')
  await screen.shows('/hopper   (Esc')
  await screen.press('3')
  screen.type('/support')
  await screen.shows(/^> support /m)
  await screen.press('enter', 'enter')
  await screen.shows('Roles › support')
  await screen.press('a', 'down', 'down', 'down', 'enter')
  await screen.shows('by e-mail address or id')
  screen.type('grase@tui.test')
  await screen.shows('> grase@tui.test')
  await screen.press('enter')
  await screen.shows('Did you mean grace@tui.test?')
  await screen.press(...Array.from('se@tui.test', () => 'backspace'))
  screen.type('ce@tui.test')
  await screen.shows('> grace@tui.test')
  await screen.press('enter')
  await screen.shows('(2 of 5)')
  await screen.press('enter', 'enter', 'enter', 'enter')
  await screen.shows('Confirm: give a user')
  await screen.press('y')
  await screen.shows('The user has the role now.')
  await screen.press('escape')
  await screen.shows('/support   (Esc')
  expect((await grace())?.roles.map(({ slug }) => slug)).toContain('support')
})

it('deletes only what the server would delete, and only when its key is typed', async () => {
  await screen.press('enter')
  await screen.shows('Roles › support')
  await screen.press('D')
  await screen.shows(/Conflict \(409\): 1 user/)
  await screen.press('escape')
  await screen.shows('Roles › support')
  await screen.press('escape')
  await screen.shows('/support   (Esc')
  await screen.press('escape')
  await screen.shows('All roles')
  screen.type('/unused')
  await screen.shows(/^> unused /m)
  await screen.press('enter', 'enter')
  await screen.shows('Roles › unused')
  await screen.press('D')
  await screen.shows('Delete the role unused?')
  screen.type('unused')
  await screen.shows('> unused')
  await screen.press('enter')
  await screen.shows('Deleted the role unused.')
  expect(await screen.shows('No roles.')).toContain('/unused')
})

it('creates a service account and a key of it, which is shown once', async () => {
  await screen.press('6')
  await screen.shows('No service accounts.')
  await screen.press('n')
  screen.type('Report')
  await screen.shows('> Report')
  await screen.press('enter', 'enter')
  await screen.shows('Create it? name: Report')
  await screen.press('y')
  await screen.shows(/^ status +active$/m)
  await screen.press('escape')
  await screen.shows('Created Report.')
  await screen.press('7')
  await screen.shows('No API keys.')
  await screen.press('n')
  screen.type('Export')
  await screen.shows('> Export')
  await screen.press('enter')
  await screen.shows('› scope (2 of 5)')
  screen.type('users:read')
  await screen.shows('> users:read')
  await screen.press('enter', 'enter')
  await screen.shows('› service-account (4 of 5)')
  screen.type('Report')
  await screen.shows('> Report')
  await screen.press('enter')
  await screen.shows('(5 of 5)')
  await screen.press('enter')
  await screen.shows('Create it? name: Export')
  await screen.press('y')
  const shown = await screen.shows('The key is shown once.')
  expect(shown).toMatch(/^ {3}ck_\S+/m)
  await screen.press('escape')
  await screen.shows('Press k when you have stored the key.')
  await screen.press('k')
  expect(await screen.shows('Created “Export”')).not.toContain(/ck_\S{40}/.exec(shown)?.[0] ?? 'nothing')
})
