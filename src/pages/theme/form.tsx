import type { ComponentChildren } from 'preact'
import { passkeyAttributes, type PasskeyRequest } from '../passkeys/passkey-button.tsx'
import { formAction } from './link.ts'
import { Warning } from './icons.tsx'

interface FormProps {
  action: string
  /** Hidden fields. Those without a value are left out. */
  hidden: Readonly<Record<string, string | undefined>>
  /** For a form with a passkey button. */
  passkey?: PasskeyRequest | undefined
  children: ComponentChildren
}

export const Form = ({ action, hidden, passkey, children }: FormProps) => (
  <form method="post" action={formAction(action)} {...passkeyAttributes(passkey)}>
    {Object.entries(hidden).map(([name, value]) =>
      value === undefined ? null : <input type="hidden" name={name} value={value} />,
    )}
    {children}
  </form>
)

interface ButtonProps {
  id: string
  /** The value of the parameter `action`. */
  value: string
  kind?: 'primary' | 'choice' | 'plain'
  /** Submits the form even if required fields are empty. */
  skipValidation?: boolean
  children: ComponentChildren
}

export const Button = ({ id, value, kind = 'plain', skipValidation = false, children }: ButtonProps) => (
  <button type="submit" id={id} name="action" value={value} class={kind} formnovalidate={skipValidation}>
    {children}
  </button>
)

interface AlertProps {
  id: string
  heading: string
  text: string
}

/** The error summary. Fields refer to it with `aria-describedby`, so screen readers read it with a focused field. */
export const Alert = ({ id, heading, text }: AlertProps) => (
  <div class="alert" role="alert" id={id}>
    <Warning />
    <div>
      <h2>{heading}</h2>
      <p>{text}</p>
    </div>
  </div>
)

interface FieldProps {
  name: keyof typeof inputAttributes
  label: string
  value?: string | undefined
  autofocus: boolean
  /** Whether this field, or one of several, was wrong in the last attempt. */
  invalid: boolean
  /** The error of this field, shown below it. */
  problem?: string | undefined
  /** Explains what to enter. */
  hint?: string | undefined
  /** The id of the error summary. */
  summary?: string | undefined
  /** Whether the browser offers passkeys in the field. */
  offersPasskeys?: boolean
}

const inputAttributes = {
  email: { type: 'email', inputmode: 'email', autocomplete: 'username', autocapitalize: 'none', spellcheck: false },
  password: { type: 'password', autocomplete: 'current-password' },
  new_password: { type: 'password', autocomplete: 'new-password' },
  given_name: { type: 'text', autocomplete: 'given-name' },
  family_name: { type: 'text', autocomplete: 'family-name' },
  code: { type: 'text', autocomplete: 'one-time-code', autocapitalize: 'characters', spellcheck: false },
  user_code: { type: 'text', autocomplete: 'off', autocapitalize: 'characters', spellcheck: false },
} as const

/** A field with a label. `id` and `name` are equal, because password managers and test scripts use either. */
export const Field = ({
  name,
  label,
  value,
  autofocus,
  invalid,
  problem,
  hint,
  summary,
  offersPasskeys,
}: FieldProps) => {
  const problemId = problem === undefined ? undefined : `${name}-problem`
  const hintId = hint === undefined ? undefined : `${name}-hint`
  const described = [problemId, hintId, summary].filter((id) => id !== undefined).join(' ')
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        {...inputAttributes[name]}
        {...(offersPasskeys && { autocomplete: `${inputAttributes[name].autocomplete} webauthn` })}
        id={name}
        name={name}
        value={value}
        required
        autofocus={autofocus}
        aria-invalid={invalid ? 'true' : undefined}
        aria-describedby={described === '' ? undefined : described}
      />
      {hint === undefined ? null : (
        <p class="hint" id={hintId}>
          {hint}
        </p>
      )}
      {problem === undefined ? null : (
        <p class="problem" id={problemId}>
          {problem}
        </p>
      )}
    </div>
  )
}

/** A box that sends `true` if it is ticked. */
export const Checkbox = ({ name, label }: { name: string; label: string }) => (
  <div class="check">
    <input type="checkbox" id={name} name={name} value="true" />
    <label for={name}>{label}</label>
  </div>
)
