/** @jsxImportSource react */
import { useState } from 'react'
import { findItem } from '../../directory/find-item.ts'
import type { Parameter, Values } from '../../directory/resource.ts'
import { resourceOf } from '../../directory/resources.ts'
import { Failure } from '../../failure.ts'
import { cell } from '../../output/printable.ts'
import type { Session } from '../../sign-in/session.ts'
import { useApp } from '../app-context.ts'
import { PromptScreen } from '../input/prompt-screen.tsx'
import { MenuScreen } from './menu-screen.tsx'

interface ValuesOptions {
  title: string
  parameters: readonly Parameter[]
  /** The text of a prompt before anything is typed. */
  initialOf?(parameter: Parameter): string
  /** Called at once where there are no parameters. */
  onDone(values: Values): void
  onCancel(): void
}

const isRequired = ({ usage }: Parameter) => usage.startsWith('<') || usage.startsWith('[')

/** Asks for the values of parameters, one after another. Those of options may be left empty. */
export function ValuesScreen({ title, parameters, initialOf, onDone, onCancel }: ValuesOptions) {
  const { session } = useApp()
  const [values, setValues] = useState<Values>({})
  const [index, setIndex] = useState(0)
  const parameter = parameters[index]
  if (!parameter) return null
  const { name, help, usage, type, choices } = parameter
  const accept = (value: unknown) => {
    const next = value === undefined ? values : { ...values, [name]: value }
    setValues(next)
    if (index + 1 < parameters.length) setIndex(index + 1)
    else onDone(next)
  }
  const place = parameters.length > 1 ? ` (${index + 1} of ${parameters.length})` : ''
  const heading = `${title} › ${nameOf(usage)}${place}`
  if (type === 'boolean' || choices) {
    const options =
      type === 'boolean'
        ? [
            { value: undefined, label: 'no', note: '' },
            { value: true, label: 'yes', note: help },
          ]
        : [
            { value: undefined, label: '(not set)', note: help },
            ...(choices ?? []).map((choice) => ({ value: choice, label: choice, note: '' })),
          ]
    return <MenuScreen key={name} title={heading} options={options} onChoose={accept} onCancel={onCancel} />
  }
  const isList = usage.includes('...')
  return (
    <PromptScreen
      key={name}
      title={heading}
      lines={[
        help,
        isList ? 'Several are separated by spaces.' : '',
        isRequired(parameter) ? '' : 'Leave it empty where it does not matter.',
      ].filter((line) => line !== '')}
      initial={initialOf?.(parameter) ?? ''}
      action={index + 1 < parameters.length ? 'next' : 'continue'}
      onSubmit={async (text) => {
        if (text.trim() !== '') return accept(await readValue(session, parameter, text.trim()))
        if (isRequired(parameter)) throw new Failure('usage', 'A value is required.')
        accept(undefined)
      }}
      onCancel={onCancel}
    />
  )
}

/** `--first-name <name>` as first-name. */
export const nameOf = (usage: string): string => (usage.split(' ')[0] ?? '').replaceAll(/^--|[<>[\].]/g, '')

/** The given values as text: `name: Support · permission: users:read`. */
export function describeValues(parameters: readonly Parameter[], values: Values): string {
  const given = parameters.filter(({ name }) => values[name] !== undefined)
  return given.map(({ name, usage }) => `${nameOf(usage)}: ${cell(values[name])}`).join(' · ')
}

/** The typed text as the value of a parameter. Names of other resources become their ids. */
async function readValue(session: Session, { usage, type, refersTo }: Parameter, text: string): Promise<unknown> {
  if (type === 'number') {
    if (!/^\d{1,9}$/.test(text)) throw new Failure('usage', 'This must be a whole number.')
    return Number(text)
  }
  const words = usage.includes('...') ? text.split(/[\s,]+/) : [text]
  const found: string[] = []
  for (const word of words) {
    found.push(
      refersTo === undefined ? word : resourceOf(refersTo).idOf(await findItem(session, resourceOf(refersTo), word)),
    )
  }
  return usage.includes('...') ? found : found[0]
}
