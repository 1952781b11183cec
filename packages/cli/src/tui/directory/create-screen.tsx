/** @jsxImportSource react */
import { asDryRun } from 'cerberus-idp-admin-client'
import { useState } from 'react'
import { type AnyItem, type AnyResource, titleOf, type Values } from '../../directory/resource.ts'
import { useApp } from '../app-context.ts'
import { Confirm } from '../input/confirm.tsx'
import { wordsOf } from './calls.ts'
import { ResultScreen } from './result-screen.tsx'
import { describeValues, ValuesScreen } from './values-screen.tsx'

interface CreateOptions {
  resource: AnyResource
  onDone(message: string): void
  onCancel(): void
}

/** Creates an item: asks for its members, then for confirmation, and shows it with what is shown once. */
export function CreateScreen({ resource, onDone, onCancel }: CreateOptions) {
  const { session } = useApp()
  const [values, setValues] = useState<Values>()
  const [created, setCreated] = useState<AnyItem>()
  const { create, noun } = resource
  if (!create) return null
  const title = `New ${resource.plural.replace(/s$/, '')}`
  if (created) {
    const shown = { ...(resource.show?.(created) ?? created) }
    const name = titleOf(resource, created)
    return <ResultScreen title={title} value={shown} onDone={() => onDone(`Created ${name}.`)} />
  }
  if (!values) {
    return <ValuesScreen title={title} parameters={create.parameters} onDone={setValues} onCancel={onCancel} />
  }
  const request = create.request(create.body?.(values) ?? values)
  return (
    <Confirm
      title={title}
      question={`Create it? ${describeValues(create.parameters, values)}`}
      calls={[{ request, words: [noun, 'create', ...wordsOf(create.parameters, values)] }]}
      onConfirm={async () => {
        // The dry run names all that is wrong before anything is written.
        if (create.hasDryRun) await session.send(asDryRun(request))
        setCreated((await session.send(request)).body)
      }}
      onCancel={onCancel}
    />
  )
}
