import type { Config } from '../../config/config.ts'
import type { BootstrappedOrganisation } from '../../organisations/bootstrap.ts'

/** Prints the addresses of the server and the first steps. A generated password is printed here only. */
export function printStartupBanner(
  { host, port, issuer, sessionCookie, bootstrap, mail }: Config,
  bootstrapped: BootstrappedOrganisation | undefined,
): void {
  const lines = [
    '',
    `Cerberus is listening on ${host}, port ${port}`,
    `  Issuer     ${issuer}`,
    `  Discovery  ${issuer}/.well-known/openid-configuration`,
    `  Sign in    ${issuer}/auth/login`,
    `  API        ${issuer}/docs`,
    `  Mail       ${describeMail(mail)}`,
  ]
  if (bootstrapped) {
    lines.push(
      '',
      `The database was empty: created the organisation "${bootstrapped.slug}" with an owner:`,
      `  E-mail     ${bootstrapped.email}`,
      bootstrapped.generatedPassword === undefined
        ? '  Password   the one in CERBERUS_ADMIN_PASSWORD'
        : `  Password   ${bootstrapped.generatedPassword}   (shown this once)`,
    )
  }
  const email = bootstrapped?.email ?? bootstrap.email
  const slug = bootstrapped?.slug ?? bootstrap.slug
  const password = bootstrapped?.generatedPassword ?? 'YOUR-PASSWORD'
  if (bootstrapped) {
    lines.push(
      '',
      'Register a first client:',
      `  curl -s -c cookies.txt ${issuer}/v1/auth/login -H 'Content-Type: application/json' \\`,
      `    -d '${JSON.stringify({ email, password })}'`,
      `  curl -s -b cookies.txt ${issuer}/v1/admin/clients -H 'Content-Type: application/json' -H 'X-Org-Domain: ${slug}' \\`,
      `    -d '{"name":"My Application","clientType":"public","redirectUris":["http://localhost:3000/callback"],"allowedOrigins":["http://localhost:3000"],"scopes":["openid","profile","email"]}'`,
      `  (the session is the cookie ${sessionCookie.name})`,
    )
  }
  process.stdout.write(`${lines.join('\n')}\n\n`)
}

function describeMail(mail: Config['mail']): string {
  if (mail === undefined) return 'off: links of invitations are shown to administrators (set SMTP_HOST and EMAIL_FROM)'
  const { transport } = mail
  if (transport.kind === 'smtp') return `by ${transport.host}, port ${transport.port}, from ${mail.from.address}`
  return transport.kind === 'file' ? `into files in ${transport.directory}` : 'into the log'
}
