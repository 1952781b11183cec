import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OWNER } from '../support/app.ts'
import { createTerminal, type Terminal } from '../support/cli.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startWebhookReceiver } from '../support/webhook-receiver.ts'

let server: JourneyServer
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>
let terminal: Terminal
beforeAll(async () => {
  receiver = await startWebhookReceiver()
  server = await startJourneyServer({ allow: ['localhost'] })
  const client = await server.registerClient({ scopes: ['openid', '*'] })
  const tokens = await relyingParty(server, client).tokens(undefined, { scope: 'openid *' })
  terminal = await createTerminal({ CERBERUS_SERVER: server.issuer, CERBERUS_TOKEN: tokens.access_token })
}, 240_000)
afterAll(async () => {
  await terminal.remove()
  await server.close()
  await receiver.close()
})

/** Splits a command line at spaces outside single quotes. */
const wordsOf = (line: string) =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
const call = (line: string) => terminal.call(wordsOf(line))

/** A command line, and its exit code, what it prints and what it writes to standard error. */
type Step = readonly [line: string, code: number, stdout: RegExp, stderr: RegExp]

const NOTHING = /^$/
const ANYTHING = /^/

const sessions: Readonly<Record<string, readonly Step[]>> = {
  roles: [
    ['role create support --name Support --permission users:read --dry-run', 0, /^slug\t-\tsupport$/m, ANYTHING],
    ['role get support', 5, NOTHING, /There is no role support\./],
    ['role create support --name Support --permission users:read', 0, /^slug\tsupport$/m, ANYTHING],
    ['role create support', 6, NOTHING, /\(409\)/],
    ['role list --search supp', 0, /^SLUG\tNAME\t.*\nsupport\tSupport\t/, ANYTHING],
    ['roles get Support', 0, /^permissions\tusers:read$/m, ANYTHING],
    ['role get suport', 5, NOTHING, /There is no role suport\. Did you mean support\?/],
    ['role grant support teams:read --dry-run', 0, /permissions/, ANYTHING],
    ['role grant support teams:read', 0, NOTHING, /The role “Support” \(support\) has teams:read\./],
    ['role revoke support teams:read', 2, NOTHING, /--yes/],
    [
      'role revoke support teams:reed --yes',
      5,
      NOTHING,
      /There is no permission teams:reed\. Did you mean teams:read\?/,
    ],
    ['role revoke support teams:read --yes', 0, NOTHING, /Revoked the permission/],
    ['role edit support --description Helps --dry-run', 0, /^description\t-\tHelps$/m, ANYTHING],
    ['role edit support --description Helps', 0, /^description\tHelps$/m, ANYTHING],
    ['role edit support --set nonsense=1', 8, NOTHING, /nonsense/],
    [
      'role edit support',
      2,
      NOTHING,
      /An editor needs a terminal\. Without one: cerberus role edit support --set MEMBER=VALUE/,
    ],
    ['permission list --limit 1', 0, /^SLUG\tNAME/, /Page 1 of \d+/],
  ],
  users: [
    ['user create ada.two@cli.test --first-name Ada --role support', 0, /^roles\tsupport$/m, ANYTHING],
    ['user create no-address', 8, NOTHING, /email: must be/],
    ['user list --role support', 0, /^EMAIL\t.*\nada\.two@cli\.test\t/, ANYTHING],
    ['user get ada.too@cli.test', 5, NOTHING, /Did you mean ada\.two@cli\.test\?/],
    ['user edit ada.two@cli.test --last-name Lovelace --dry-run', 0, /lastName\t-\tLovelace/, /did not check/],
    ['user edit ADA.TWO@cli.test --last-name Lovelace', 0, /^lastName\tLovelace$/m, ANYTHING],
    ['user effective ada.two@cli.test users:read', 0, /^through\trole support$/m, ANYTHING],
    ['user effective ada.two@cli.test users:delete', 9, /^granted\tfalse$/m, ANYTHING],
    ['user block ada.two@cli.test', 2, NOTHING, /Block “Ada Lovelace” \(ada\.two@cli\.test\)\? Confirm with --yes/],
    ["user block ada.two@cli.test --reason 'Left us' --yes", 0, NOTHING, /^Blocked “Ada Lovelace”/],
    ['user list --status blocked', 0, /ada\.two@cli\.test\tAda Lovelace\tblocked/, ANYTHING],
    ['user unblock ada.two@cli.test', 0, NOTHING, /^Unblocked/],
    ['user suspend ada.two@cli.test --yes', 0, NOTHING, /^Suspended/],
    ['user reactivate ada.two@cli.test', 0, NOTHING, /is active/],
    ['role assign support', 2, NOTHING, /Name one of --user, --team and --service-account\./],
    ['role assign admin --user ada.two@cli.test --until 2100-01-01T00:00:00Z', 0, NOTHING, /The user has the role/],
    ['user roles ada.two@cli.test', 0, /^admin\t-\t-\t2100-01-01T00:00:00\.000Z\t.*\ttrue$/m, ANYTHING],
    ['role unassign admin --user ada.two@cli.test --yes', 0, NOTHING, /no longer has the role/],
    ['user sessions OWNER', 0, /^ID\tIP_ADDRESS\t.*\n[0-9a-f-]{36}\t/, ANYTHING],
    ['user end-sessions ada.two@cli.test', 2, NOTHING, /Name one session by its id, or use --all\./],
    ['user end-sessions ada.two@cli.test --all --yes', 0, NOTHING, /^Ended all sessions/],
    ['user grants OWNER', 0, /^ID\tCLIENT\t/, ANYTHING],
    ['user sign-in-methods OWNER', 0, /^TYPE\t.*\npassword\t/, ANYTHING],
    ['user delete ada.two@cli.test --yes', 0, NOTHING, /^Deleted/],
    ['user restore ada.two@cli.test', 0, NOTHING, /^Restored/],
    ['user delete OWNER', 2, NOTHING, /This ends \d sessions? and 1 grant\./],
  ],
  teams: [
    ["team create helpers --name 'All helpers' --dry-run", 0, /slug\t-\thelpers/, ANYTHING],
    ["team create helpers --name 'All helpers'", 0, /^name\tAll helpers$/m, ANYTHING],
    ['team add helpers ada.two@cli.test OWNER', 0, NOTHING, /^Added 2 members to the team/],
    ["team members 'all helpers' --search ada", 0, /ada\.two@cli\.test/, ANYTHING],
    ['role assign support --team helpers', 0, NOTHING, /The team has the role/],
    ['team roles helpers', 0, /^support\t/m, ANYTHING],
    ['user effective ada.two@cli.test users:read', 0, /role support through team helpers/, ANYTHING],
    ['team remove helpers ada.two@cli.test --yes', 0, NOTHING, /^Removed the member/],
    ['team edit helpers --description Answers', 0, /^description\tAnswers$/m, ANYTHING],
    ['team delete helpers --dry-run', 0, /^id\t[0-9a-f-]{36}\t-$/m, ANYTHING],
    ['team delete helpers', 2, NOTHING, /Delete the team “All helpers” \(helpers\)\? This ends 1 membership\./],
    ['team delete helpers --yes', 0, NOTHING, /^Deleted the team/],
  ],
  invitations: [
    [
      'invitation create grace@cli.test --role support --deliver link',
      0,
      /\nlink\thttp\S+\n$/,
      /Store the link of grace@cli\.test now/,
    ],
    ['invitation list --status pending', 0, /^grace@cli\.test\tpending\t/m, ANYTHING],
    ['invitation resend grace@cli.test', 0, /^email\tgrace@cli\.test$/m, ANYTHING],
    ['invitation revoke grace@cli.test --yes', 0, NOTHING, /^Revoked/],
    ['invitation revoke grace@cli.test --yes', 5, NOTHING, /There is no invitation grace@cli\.test\./],
  ],
  'service accounts and API keys': [
    ["service-account create 'Nightly report'", 0, /^status\tactive$/m, ANYTHING],
    ["role assign admin --service-account 'Nightly report'", 0, NOTHING, /has the role/],
    ["service-account roles 'Nightly report'", 0, /^admin\t/m, ANYTHING],
    ["api-key create Export --service-account 'Nightly report' --scope users:read", 0, /^key\t\S{30,}$/m, /shown once/],
    [
      'api-key create Mine --scope users:read --expires-in-days ten',
      2,
      NOTHING,
      /--expires-in-days <days> must be a whole number/,
    ],
    ['api-key create Mine --scope users:read --expires-in-days 30', 0, /\nkey\t\S{30,}\n$/, /shown once/],
    ['api-key list --user OWNER', 0, /^Mine\t/m, ANYTHING],
    ['api-key rotate Mine --overlap 60 --yes', 0, /\nkey\t\S{30,}\n$/, /shown once/],
    ['api-key get Mine', 2, NOTHING, /2 API keys are called Mine\. Use an id:/],
    ['api-key revoke Export --yes', 0, NOTHING, /^Revoked the API key/],
    ["service-account disable 'Nightly report' --yes", 0, NOTHING, /^Disabled/],
    ["service-account delete 'Nightly report' --dry-run", 0, /^apiKeyCount\t/m, ANYTHING],
    ["service-account delete 'Nightly report' --yes", 0, NOTHING, /^Deleted/],
  ],
  webhooks: [
    ['webhook create HOOK --event user.* --dry-run', 0, /url\t-\thttp/, ANYTHING],
    [
      'webhook create HOOK --event user.created --description Own',
      0,
      /\nsecret\t\S{20,}\n$/,
      /Store the secret of “Own”/,
    ],
    ['webhook create HOOK --event user.creatd', 8, NOTHING, /did you mean user\.created\?/],
    ['webhook list', 0, /^http\S+\tactive\t/m, ANYTHING],
    ['webhook test own', 0, /^success\ttrue$/m, ANYTHING],
    ['webhook deliveries HOOK --status delivered', 0, /webhook\.test\tdelivered\t200/, ANYTHING],
    ['webhook redeliver HOOK', 2, NOTHING, /Name either a delivery or --since\./],
    ['webhook redeliver HOOK --since 2020-01-01T00:00:00Z --dry-run', 0, NOTHING, /would be queued again\. \(0\)/],
    ['webhook edit HOOK --set isActive=false', 0, /^status\tdisabled$/m, ANYTHING],
    ['webhook rotate HOOK --overlap 0 --yes', 0, /\nsecret\t\S{20,}\n$/, /shown once/],
    ['webhook delete HOOK --yes', 0, NOTHING, /^Deleted/],
  ],
  'attributes, domains, memberships and mails': [
    [
      "user-attribute create costCentre --access readable --pattern '[0-9]{4}' --option",
      2,
      NOTHING,
      /argument missing/,
    ],
    ["user-attribute create costCentre --access readable --pattern '[0-9]{4}'", 0, /^type\tstring$/m, ANYTHING],
    ['user-attribute list', 0, /^NAME\t.*\ncostCentre\tstring\treadable\t/, ANYTHING],
    [
      "user-attribute edit costCentre --access hidden --set 'titles={en: Cost centre}'",
      0,
      /^access\thidden$/m,
      ANYTHING,
    ],
    ['user edit ada.two@cli.test --set \'attributes={costCentre: "4711"}\'', 0, ANYTHING, ANYTHING],
    ['user-attribute delete costcenter', 5, NOTHING, /Did you mean costCentre\?/],
    ['user-attribute delete costCentre --dry-run', 0, /^users\t1$/m, ANYTHING],
    ["user-attribute delete 'Cost centre'", 2, NOTHING, /with the values of 1 user\? Confirm with --yes/],
    ['user-attribute delete costCentre --yes', 0, NOTHING, /^Deleted the attribute “Cost centre” \(costCentre\)\./],
    ['domain add cli.test --dry-run', 0, /domain\t-\tcli\.test/, ANYTHING],
    ['domain add cli.test', 0, /^recordType\tTXT$/m, ANYTHING],
    ['domain list --status pending', 0, /^DOMAIN\t.*\ncli\.test\tpending\tnone\t/, ANYTHING],
    ['domain verify cli.test', 6, NOTHING, /\(409\)/],
    ['domain edit cli.test --membership suggested --role support', 0, /^membership\tsuggested$/m, ANYTHING],
    ['domain edit cli.test --membership all', 2, NOTHING, /Allowed choices are none, suggested, automatic/],
    ['domain delete cli.test', 2, NOTHING, /Delete the domain cli\.test\?/],
    ['domain delete cli.test --yes', 0, NOTHING, /^Deleted the domain/],
    ['membership list', 0, /^EMAIL\t/, ANYTHING],
    ['membership suspend ada.two@cli.test --yes', 5, NOTHING, /There is no membership ada\.two@cli\.test\./],
    ['mail list --status failed', 0, /^RECIPIENT\t/, ANYTHING],
    ['mail resend 0190c5a0-1f2e-7d3c-8b4a-5e6f7a8b9c0d', 5, NOTHING, /\(404\)/],
    ['mail test', 6, NOTHING, /\(409\)/],
    ['audit get 0190c5a0-1f2e-7d3c-8b4a-5e6f7a8b9c0d', 5, NOTHING, /\(404\)/],
    ['api-key report-leak - --yes', 0, NOTHING, /Keys of this server are revoked\./],
    ['api-key exchange https://api.example.com', 3, NOTHING, /API key as a bearer token/],
  ],
  'many users': [
    ['user bulk block', 2, NOTHING, /Name the users by filters, or use --every-user\./],
    ['user bulk assign-role --search ada', 2, NOTHING, /Name the role: cerberus user bulk assign-role <role>/],
    ['user bulk block --search ada.two@cli.test --dry-run', 0, /^count\t1$/m, ANYTHING],
    ['user bulk block --search ada.two@cli.test', 2, NOTHING, /Block 1 user\? Confirm with --yes/],
    ["user bulk block --search ada.two@cli.test --reason 'Left us' --yes", 0, NOTHING, /^1 changed\.$/m],
    ['user bulk unblock --status blocked --yes', 0, NOTHING, /^1 changed\.$/m],
    ['user bulk assign-role support --email ada.two@cli.test --yes', 0, NOTHING, /1 (un)?changed\.$/m],
    ['user bulk block --search unknown.address --yes', 0, NOTHING, /^The filter finds no user\.$/m],
    ['user bulk block --search OWNER --yes', 9, NOTHING, /^0 changed, 1 (owners|your own account)/m],
  ],
  organisations: [
    ['organisation get', 0, /^isOperator\ttrue$/m, ANYTHING],
    ["organisation edit --set 'passwordPolicy={minLength: 14}' --dry-run", 0, /passwordPolicy/, ANYTHING],
    ['organisation edit --email ops@cli.test', 0, /^email\tops@cli\.test$/m, ANYTHING],
    [
      "organisation create 'Acme Research' --slug research --owner ada@research.test",
      0,
      /\nownerPassword\t\S+\n$/,
      /Store the ownerPassword/,
    ],
    ['organisation suspend research --dry-run', 0, /status\tactive\tsuspended/, ANYTHING],
    ['organisation suspend research --reason Unpaid --yes', 0, NOTHING, /^Suspended/],
    ['organisation list --status suspended', 0, /^research\tAcme Research\tsuspended/m, ANYTHING],
    ['organisation activate research', 0, NOTHING, /is active/],
    ['organisation edit research --name Research', 0, /^name\tResearch$/m, ANYTHING],
    ['organisation delete research --yes', 0, NOTHING, /^Deleted/],
    ['organisation restore research', 0, NOTHING, /^Restored/],
    [
      'onboarding-token create new@research.test --expires-in 3600',
      0,
      /\ntoken\t\S+\n$/,
      /Store the token of new@research\.test/,
    ],
    ['onboarding-token list', 0, /^EMAIL\t.*\nnew@research\.test\t/, ANYTHING],
    [
      'onboarding-token delete new@research.test --yes',
      0,
      NOTHING,
      /^Deleted the onboarding token of new@research\.test\./,
    ],
    ['organisation transfer ada.two@cli.test', 2, NOTHING, /Transfer the ownership of/],
  ],
}

describe('the commands of the directory', () => {
  it.each(Object.entries(sessions))('administer %s', async (_name, steps) => {
    const found: unknown[] = []
    for (const [line] of steps) {
      const words = wordsOf(line.replace('OWNER', OWNER.email).replace('HOOK', `${receiver.base}/own`))
      const { code, stdout, stderr } = await terminal.call(words, { stdin: 'ck_live_unknown' })
      found.push([line, code, stdout, stderr])
    }
    expect(found).toEqual(
      steps.map(([line, code, stdout, stderr]) => [
        line,
        code,
        expect.stringMatching(stdout),
        expect.stringMatching(stderr),
      ]),
    )
  })

  it('print JSON as the API returns it', async () => {
    const [user] = await terminal.json<Record<string, unknown>[]>(['user', 'list', '--search', OWNER.email])
    expect(user).toMatchObject({ email: OWNER.email, roles: [{ slug: 'owner' }] })
    expect(await terminal.json(['user', 'get', OWNER.email])).toEqual(user)
    expect(await terminal.json(['role', 'get', 'owner'])).toMatchObject({ permissions: expect.any(Array) })
  })
})

describe('configuration as code for the directory', () => {
  const files = (more: string) => `
organisation:
  passwordPolicy: { minLength: 13 }
roles:
  - slug: clerk
    name: Clerk
    permissions: [users:read, teams:read]
teams:
  - slug: desk
    name: Desk
    roles: [clerk]
serviceAccounts:
  - name: Importer
    roles: [clerk]
webhooks:
  - url: ${receiver.base}/file
    events: [user.created, login.failed]
${more}`
  const given = (words: string, text: string) => terminal.call([...wordsOf(words), '-f', '-'], { stdin: text })

  it('creates what is missing, with the secret of a webhook in a file of its own, and then finds nothing to do', async () => {
    const plan = await given('plan --detailed-exitcode', files(''))
    expect([plan.code, plan.stdout]).toEqual([10, expect.stringMatching(/^create {4}role clerk$/m)])
    expect(plan.stdout).toMatch(/^change {4}organisation\n {4}passwordPolicy: /)
    expect(plan.stderr).toMatch(/4 to create, 1 to change, 0 unchanged/)
    expect((await given('apply --yes', files(''))).stderr).toMatch(/A new client or webhook gets a secret/)
    const applied = await given('apply --yes --secrets-out secrets.yaml', files(''))
    expect([applied.code, applied.stderr]).toEqual([0, expect.stringMatching(/Applied: 4 to create/)])
    expect(applied.stdout).not.toMatch(/whsec/)
    expect((await terminal.call(['team', 'get', 'desk'])).stdout).toMatch(/^roles\tclerk$/m)
    expect((await call('service-account get Importer')).stdout).toMatch(/^roles\tclerk$/m)
    const again = await given('plan --detailed-exitcode', files(''))
    expect([again.code, again.stdout]).toEqual([0, ''])
    expect((await given('diff', files(''))).code).toBe(0)
  })

  it('changes what differs, and shows who changed it', async () => {
    for (const line of ['role edit clerk --name Scribe', 'role grant clerk roles:read', 'role create scribe'])
      expect((await call(line)).code).toBe(0)
    const file = files('').replace('roles: [clerk]', 'roles: [scribe]')
    const drift = await given('drift', file)
    expect([drift.code, drift.stdout]).toEqual([
      10,
      expect.stringMatching(/^role clerk\tchanged\tname\tClerk\tScribe\towner@acme\.test\t2/m),
    ])
    expect(drift.stdout).toMatch(/^role clerk\tchanged\tpermissions\t.*\towner@acme\.test\t2/m)
    expect((await given('diff', file)).stdout).toMatch(/^-name: Scribe\n\+name: Clerk$/m)
    expect((await given('apply --yes', file)).code).toBe(0)
    expect((await call('team get desk')).stdout).toMatch(/^roles\tscribe$/m)
    expect((await call('role get clerk')).stdout).toMatch(/^permissions\tteams:read users:read$/m)
  })

  it('reports all that is wrong at once, by line', async () => {
    const wrong = `roles:
  - slug: clerk
    permisions: [users:read]
  - name: Nothing
teams: desk
nonsense: 1
`
    const { code, stderr } = await given('plan', wrong)
    expect([code, stderr]).toEqual([
      8,
      expect.stringContaining('standard input:3: permisions is not a setting of roles; did you mean permissions?'),
    ])
    expect(stderr).toContain('standard input:4: an entry of roles must be a mapping with slug')
    expect(stderr).toContain('standard input:5: teams must be a list')
    expect(stderr).toContain('standard input:6: nonsense is unknown')
    const rejected = await given(
      'plan',
      `teams:\n  - slug: desk\n    roles: [clark]\nwebhooks:\n  - url: http://10.0.0.1/x\n    events: [user.creatd]\n`,
    )
    expect([rejected.code, rejected.stderr]).toEqual([
      8,
      expect.stringContaining('standard input:3: roles.0 there is no role clark. Did you mean clerk?'),
    ])
    expect(rejected.stderr).toContain('standard input:6: events.0 must be the name of an event')
  })

  it('removes only what the files own, and only with --prune', async () => {
    const owning = 'owns: { teams: true }\nteams: []\n'
    expect((await given('plan --prune', 'teams: []\n')).code).toBe(2)
    expect((await given('plan', owning)).stdout).toBe('leave     team desk (in no file; --prune removes it)\n')
    expect((await given('plan --prune --prune-limit 0', owning)).stderr).toMatch(
      /1 roles, teams, service accounts and webhooks would be removed/,
    )
    expect((await given('apply --prune --yes', owning)).code).toBe(0)
    expect((await call('team get desk')).code).toBe(5)
    const noAccounts = 'owns: { serviceAccounts: true }\nserviceAccounts: []\n'
    expect((await given('apply --prune --yes', noAccounts)).stdout).toMatch(/service account Importer/)
    expect((await call('service-account get Importer')).code).toBe(5)
    expect((await call('role get clerk')).code).toBe(0)
  })

  it('exports what a plan then finds unchanged', async () => {
    const exported = await terminal.call(['export', '--directory'])
    const plan = await given('plan --detailed-exitcode', exported.stdout)
    expect([plan.code, plan.stdout]).toEqual([0, ''])
    expect(exported.stdout).toMatch(/^ {2}- slug: clerk$/m)
    expect(exported.stdout).not.toMatch(/slug: owner/)
  })
})
