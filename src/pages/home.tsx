import { renderPage } from './theme/layout.tsx'
import { messages, type Locale } from './messages/locale.ts'

/** The page at the root of the server: where users and developers probably want to go. */
export function homePage({ locale }: { locale: Locale }): string {
  const words = messages[locale].home
  const links = [
    { id: 'sign-in', href: '/auth/login', text: words.signIn },
    { id: 'api', href: '/docs', text: words.api },
    { id: 'metadata', href: '/.well-known/openid-configuration', text: words.metadata },
  ]
  return renderPage({
    locale,
    title: words.title,
    children: (
      <>
        <div class="heading">
          <h1>{words.title}</h1>
          <p class="lead">{words.lead}</p>
        </div>
        <ul class="links">
          {links.map(({ id, href, text }) => (
            <li>
              <a id={id} href={href}>
                {text}
              </a>
            </li>
          ))}
        </ul>
      </>
    ),
  })
}
