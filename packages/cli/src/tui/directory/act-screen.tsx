/** @jsxImportSource react */
import { asDryRun, type Change } from 'cerberus-idp-admin-client'
import { useState } from 'react'
import { endingOf } from '../../directory/ending.ts'
import { type Act, type AnyItem, type AnyResource, titleOf, type Values } from '../../directory/resource.ts'
import { cell } from '../../output/printable.ts'
import { useApp } from '../app-context.ts'
import { Frame } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Confirm } from '../input/confirm.tsx'
import { failureText, useQuery } from '../query.ts'
import { actCall } from './calls.ts'
import { ResultScreen } from './result-screen.tsx'
import { describeValues, ValuesScreen } from './values-screen.tsx'

interface ActOptions {
  resource: AnyResource
  act: Act<AnyItem>
  item: AnyItem
  /** `isGone`: the item was deleted. */
  onDone(message: string, isGone: boolean): void
  onCancel(): void
}

/** Does something to an item: asks for values, shows what would change and what ends, and asks for confirmation. */
export function ActScreen({ resource, act, item, onDone, onCancel }: ActOptions) {
  const parameters = act.parameters ?? []
  const [values, setValues] = useState<Values | undefined>(parameters.length === 0 ? {} : undefined)
  const title = `${titleOf(resource, item)} › ${act.verb}`
  if (!values) {
    return <ValuesScreen title={title} parameters={parameters} onDone={setValues} onCancel={onCancel} />
  }
  return <Act {...{ resource, act, item, onDone, onCancel, values, title }} />
}

function Act({ resource, act, item, onDone, onCancel, values, title }: ActOptions & { values: Values; title: string }) {
  const { session } = useApp()
  const [body, setBody] = useState<{ value: unknown }>()
  const name = titleOf(resource, item)
  const problem = act.problem?.(values)
  const consequences = useQuery(`${act.verb} ${resource.noun} ${resource.idOf(item)}`, async () => {
    const prepared = act.prepare ? (await session.send(act.prepare(item))).body : {}
    if (problem !== undefined) return { text: '', prepared }
    const trial = act.hasDryRun && !act.prepare ? asDryRun(act.request(item, values, prepared)) : undefined
    const dryRun = trial && (await session.send(trial)).body
    return { text: `${await endingOf(session, act, item)}${dryRun === undefined ? '' : describe(dryRun)}`, prepared }
  })
  if (body) {
    const { value } = body
    const shown = act.report?.(value) ?? (act.result ? showItem(resource, act.result(value) as AnyItem) : undefined)
    const message = act.done?.(name, values, value) ?? 'Done.'
    if (shown) return <ResultScreen title={title} value={shown} onDone={() => onDone(message, false)} />
  }
  const failure = problem ?? (consequences.failure && failureText(consequences.failure))
  if (failure !== undefined || consequences.value === undefined) {
    return <WaitScreen title={title} failure={failure} onBack={onCancel} />
  }
  const { prepared, text } = consequences.value
  const call = actCall(resource, act, item, values, prepared)
  const given = describeValues(act.parameters ?? [], values)
  const question = act.question?.(name, values, prepared) ?? `Confirm: ${act.help}. ${given}`
  const isDeletion = act.verb === 'delete'
  const [key] = resource.namesOf(item)
  return (
    <Confirm
      title={title}
      question={`${question}${text}`}
      {...(isDeletion && typeof key === 'string' && { typed: [key] })}
      calls={[call]}
      onConfirm={async ([confirmed]) => {
        const response = (await session.send(confirmed?.request ?? call.request)).body
        if (act.report || act.result) setBody({ value: response })
        else onDone(act.done?.(name, values, response) ?? 'Done.', isDeletion)
      }}
      onCancel={onCancel}
    />
  )
}

const showItem = (resource: AnyResource, item: AnyItem): object => ({ ...(resource.show?.(item) ?? item) })

/** What a dry run found. That of a deletion only names what is deleted. */
function describe(dryRun: object): string {
  const { changes, count } = dryRun as { changes?: readonly Change[]; count?: number }
  if (count !== undefined) return ` This concerns ${count}.`
  const shown = (changes ?? []).filter(({ member }) => member !== 'id')
  if (shown.length === 0) return ''
  return ` Changes: ${shown.map(({ member, from, to }) => `${member} ${cell(from)} → ${cell(to)}`).join(', ')}.`
}

function WaitScreen({ title, failure, onBack }: { title: string; failure: string | undefined; onBack(): void }) {
  useKeys(({ name }) => {
    if (name === 'escape' || name === 'q') onBack()
  })
  return (
    <Frame
      title={title}
      keys={[['Esc', 'back']]}
      message={failure === undefined ? { text: 'Asking the server …' } : { text: failure, tone: 'bad' }}
    >
      {null}
    </Frame>
  )
}
