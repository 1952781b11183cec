import type { ComponentChildren } from 'preact'
import { Form } from './theme/form.tsx'
import { Name, renderPage } from './theme/layout.tsx'
import { messages, type Locale } from './messages/locale.ts'
import { cspSourceHash } from './theme/source-hash.ts'

export interface FormPostProps {
  locale: Locale
  /** The address that the form is sent to: the client's verified redirect URI. */
  action: string
  /** The authorization response. Each member becomes one form field; the page adds no other. */
  parameters: Readonly<Record<string, string>>
}

// Through the prototype, because a response parameter named `submit` would hide the form's own method.
const script = 'HTMLFormElement.prototype.submit.call(document.forms[0])'

/** CSP source expression of the page's only script, without the quotes, for `script-src`. */
export const formPostScriptHash: string = cspSourceHash(script)

/**
 * OAuth 2.0 Form Post Response Mode §2: the response as a form. A script submits it; without JavaScript the user does.
 * @throws TypeError when the redirect URI is not an absolute http(s) URL, because only those can receive a POST.
 */
export function formPostPage({ locale, action, parameters }: FormPostProps): string {
  const words = messages[locale].formPost
  const { host } = new URL(action)
  return renderForm({ locale, action, parameters }, { ...words, lead: words.lead(<Name>{host}</Name>) })
}

/** A logout request that another site posted, as a form of this server: `action` is a path of it. */
export function logoutResubmitPage(props: FormPostProps): string {
  return renderForm(props, messages[props.locale].logoutResubmit)
}

function renderForm(
  { locale, action, parameters }: FormPostProps,
  words: { title: string; lead: ComponentChildren; submit: string },
): string {
  return renderPage({
    locale,
    title: words.title,
    children: (
      <>
        <div class="heading">
          <h1>{words.title}</h1>
          <p class="lead">{words.lead}</p>
        </div>
        <Form action={action} hidden={parameters}>
          <button type="submit" id="continue" class="primary">
            {words.submit}
          </button>
        </Form>
        <script dangerouslySetInnerHTML={{ __html: script }} />
      </>
    ),
  })
}
