import { messages, type Locale } from '../messages/locale.ts'
import { Alert, Button, Form } from '../theme/form.tsx'
import { Name, renderPage } from '../theme/layout.tsx'
import { formAction } from '../theme/link.ts'
import { PasskeyButton, PasskeyScript } from './passkey-button.tsx'

/** A passkey as its user sees it. */
export interface PasskeyDisplay {
  id: string
  name: string
  provider: string | undefined
  synced: boolean
  createdAt: Date
  lastUsedAt: Date | null
}

export interface PasskeysProps {
  locale: Locale
  /** The URL that the forms are sent to. */
  action: string
  csrf: string
  email: string
  passkeys: readonly PasskeyDisplay[]
  /** What the browser needs to create one. Undefined: the user must sign in again first. */
  creation: unknown
  signInAgainUrl: string
  backUrl: string
  /** The page offers a passkey before the user goes on, to this pending authorization request if there is one. */
  offer?: { request: string | undefined } | undefined
  /** An authorization request needs a passkey. */
  required?: { request: string; cancelUrl: string } | undefined
  done?: 'added' | 'renamed' | 'removed' | undefined
  error?: 'csrf' | 'credential' | 'name' | 'last' | 'taken' | 'many' | 'gone' | undefined
}

/**
 * The passkeys of the user. Posts `action` = `passkey` with `credential`, `rename` with `id` and `name`, or `remove` with `id`,
 * besides `csrf`, and `offer` and `request` where it offers one.
 */
export function passkeysPage(props: PasskeysProps): string {
  const { locale, action, csrf, passkeys, creation, done, error } = props
  const { errorPrefix, passkeys: words } = messages[locale]
  const isRecent = creation !== undefined
  const offer = props.offer && { offer: 'true', request: props.offer.request }
  const required = props.required && { request: props.required.request }
  const title = required ? words.requiredTitle : offer === undefined ? words.title : words.offerTitle
  return renderPage({
    locale,
    title: `${error === undefined ? '' : `${errorPrefix}: `}${title}`,
    children: (
      <>
        <div class="heading">
          <h1>{title}</h1>
          <p class="lead">{(required ? words.requiredLead : words.lead)(<Name>{props.email}</Name>)}</p>
        </div>
        {error === undefined ? null : <Alert id="error-summary" {...words.errors[error]} />}
        {done === undefined ? null : (
          <p class="panel" role="status">
            {words.done[done]}
          </p>
        )}
        {passkeys.length === 0 && offer === undefined && !required ? <p>{words.none}</p> : null}
        {passkeys.map((passkey) => (
          <PasskeyItem key={passkey.id} {...{ locale, action, csrf, passkey, isRecent }} />
        ))}
        {isRecent ? (
          <Form
            action={action}
            hidden={{ csrf, ...offer, ...required }}
            passkey={{ kind: 'create', options: creation }}
          >
            <p class="quiet">{words.addLead}</p>
            <div class="actions">
              <PasskeyButton locale={locale} label={words.add} kind="primary" />
            </div>
            <noscript>
              <p>{words.needsScript}</p>
            </noscript>
          </Form>
        ) : (
          <div class="group">
            <p class="quiet">{words.signInAgainLead}</p>
            <a class="button primary" id="sign-in-again" href={formAction(props.signInAgainUrl)}>
              {words.signInAgain}
            </a>
          </div>
        )}
        {props.required ? (
          <a class="button" id="cancel" href={formAction(props.required.cancelUrl)}>
            {words.cancel}
          </a>
        ) : offer === undefined ? (
          <p>
            <a id="back" href={formAction(props.backUrl)}>
              {words.back}
            </a>
          </p>
        ) : (
          <a class="button" id="not-now" href={formAction(props.backUrl)}>
            {words.notNow}
          </a>
        )}
        {isRecent ? <PasskeyScript /> : null}
      </>
    ),
  })
}

interface ItemProps extends Pick<PasskeysProps, 'locale' | 'action' | 'csrf'> {
  passkey: PasskeyDisplay
  /** Whether the user has signed in recently enough to remove it. */
  isRecent: boolean
}

const PasskeyItem = ({ locale, action, csrf, passkey, isRecent }: ItemProps) => {
  const words = messages[locale].passkeys
  const nameId = `name-${passkey.id}`
  return (
    <section class="panel" aria-labelledby={`title-${passkey.id}`}>
      <h2 id={`title-${passkey.id}`}>
        <bdi>{passkey.name}</bdi>
      </h2>
      <p class="quiet">
        {passkey.provider === undefined || passkey.provider === passkey.name ? null : `${passkey.provider} · `}
        {passkey.synced ? words.synced : words.deviceBound}
      </p>
      <p class="quiet">
        {words.created} {formatDay(locale, passkey.createdAt)} · {words.lastUsed}{' '}
        {passkey.lastUsedAt === null ? words.never : formatDay(locale, passkey.lastUsedAt)}
      </p>
      <details>
        <summary>{isRecent ? words.change : words.rename}</summary>
        <Form action={action} hidden={{ csrf, id: passkey.id }}>
          <div class="field">
            <label for={nameId}>{words.name}</label>
            <input id={nameId} name="name" value={passkey.name} maxLength={100} required autocomplete="off" />
          </div>
          <div class="actions pair">
            <Button id={`rename-${passkey.id}`} value="rename">
              {words.save}
            </Button>
            {isRecent ? (
              <Button id={`remove-${passkey.id}`} value="remove" skipValidation>
                {words.remove}
              </Button>
            ) : null}
          </div>
        </Form>
      </details>
    </section>
  )
}

function formatDay(locale: Locale, date: Date) {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' })
  return <time dateTime={date.toISOString()}>{format.format(date)}</time>
}
