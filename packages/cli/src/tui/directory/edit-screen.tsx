/** @jsxImportSource react */
import { asDryRun, ifMatch } from 'cerberus-idp-admin-client'
import { useState } from 'react'
import { type AnyItem, type AnyResource, type Parameter, titleOf, type Values } from '../../directory/resource.ts'
import { cell } from '../../output/printable.ts'
import { useApp } from '../app-context.ts'
import { Confirm } from '../input/confirm.tsx'
import { wordsOf } from './calls.ts'
import { MenuScreen } from './menu-screen.tsx'
import { nameOf, ValuesScreen } from './values-screen.tsx'

interface EditOptions {
  resource: AnyResource
  item: AnyItem
  /** The ETag that the item must still have. */
  etag: string | undefined
  onDone(message: string): void
  onCancel(): void
}

/** Changes one common setting of an item. */
export function EditScreen({ resource, item, etag, onDone, onCancel }: EditOptions) {
  const { session } = useApp()
  const [parameter, setParameter] = useState<Parameter>()
  const [values, setValues] = useState<Values>()
  const { change, noun } = resource
  if (!change) return null
  const title = `${titleOf(resource, item)} › edit`
  if (!parameter) {
    const options = change.parameters.map((one) => ({
      value: one,
      label: nameOf(one.usage),
      note: `now ${cell(item[one.name])}`,
    }))
    return <MenuScreen title={title} options={options} onChoose={setParameter} onCancel={onCancel} />
  }
  const current = (one: Parameter) => {
    const value = item[one.name]
    return Array.isArray(value) ? value.join(' ') : typeof value === 'string' ? value : ''
  }
  if (!values) {
    const done = (given: Values) => setValues({ [parameter.name]: given[parameter.name] ?? emptyOf(parameter) })
    return <ValuesScreen title={title} parameters={[parameter]} initialOf={current} onDone={done} onCancel={onCancel} />
  }
  const id = resource.idOf(item)
  const request = ifMatch(change.request(id, values), etag)
  const value = values[parameter.name]
  return (
    <Confirm
      title={title}
      question={`Change ${nameOf(parameter.usage)} from ${cell(item[parameter.name])} to ${cell(value)}?`}
      calls={[{ request, words: [noun, 'edit', id, ...editWords(parameter, values)] }]}
      onConfirm={async () => {
        if (change.hasDryRun) await session.send(asDryRun(request))
        await session.send(request)
        onDone(`Changed ${titleOf(resource, item)}.`)
      }}
      onCancel={onCancel}
    />
  )
}

const emptyOf = ({ type }: Parameter) => (type === 'boolean' ? false : null)

/** An empty value has no option. */
const editWords = (parameter: Parameter, values: Values) =>
  values[parameter.name] === null || values[parameter.name] === false
    ? ['--set', `${parameter.name}=${String(values[parameter.name])}`]
    : wordsOf([parameter], values)
