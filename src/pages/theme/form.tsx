import type { ComponentChildren } from 'preact'
import { formAction } from './link.ts'
import { Warning } from './icons.tsx'

interface FormProps {
  action: string
  /** Fields carried through unseen; those without a value are left out. */
  hidden: Readonly<Record<string, string | undefined>>
  children: ComponentChildren
}

export const Form = ({ action, hidden, children }: FormProps) => (
  <form method="post" action={formAction(action)}>
    {Object.entries(hidden).map(([name, value]) =>
      value === undefined ? null : <input type="hidden" name={name} value={value} />,
    )}
    {children}
  </form>
)

interface ButtonProps {
  id: string
  /** Sent as `action`: what the person chose. */
  value: string
  kind?: 'primary' | 'choice' | 'plain'
  /** Lets the form go even while its required fields are empty. */
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

/** The error summary. Fields point to it with `aria-describedby`, so that focus on a field reads it out too. */
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
  name: 'email' | 'password' | 'user_code'
  label: string
  value?: string | undefined
  autofocus: boolean
  /** Set when the last attempt failed on this field (or, undecidably, on one of several). */
  invalid: boolean
  /** What is wrong with this field in particular, shown beneath it. */
  problem?: string | undefined
  /** The id of the summary that also speaks of this field. */
  summary?: string | undefined
}

const inputAttributes = {
  email: { type: 'email', inputmode: 'email', autocomplete: 'username', autocapitalize: 'none', spellcheck: false },
  password: { type: 'password', autocomplete: 'current-password' },
  user_code: { type: 'text', autocomplete: 'off', autocapitalize: 'characters', spellcheck: false },
} as const

/** A labelled field whose `id` and `name` are the same word: password managers and automated browsers rely on both. */
export const Field = ({ name, label, value, autofocus, invalid, problem, summary }: FieldProps) => {
  const problemId = problem === undefined ? undefined : `${name}-problem`
  const described = [problemId, summary].filter((id) => id !== undefined).join(' ')
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        {...inputAttributes[name]}
        id={name}
        name={name}
        value={value}
        required
        autofocus={autofocus}
        aria-invalid={invalid ? 'true' : undefined}
        aria-describedby={described === '' ? undefined : described}
      />
      {problem === undefined ? null : (
        <p class="problem" id={problemId}>
          {problem}
        </p>
      )}
    </div>
  )
}
