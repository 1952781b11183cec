/** @jsxImportSource react */
import { useState } from 'react'
import type { ShownClient } from '../client-requests.ts'
import { ClientForm, type Errand } from './client-form.tsx'
import { CloneScreen } from './clone-screen.tsx'
import { Confirm } from './confirm.tsx'
import { ConflictScreen } from './conflict-screen.tsx'
import { CopyScreen } from './copy-screen.tsx'
import { DiffScreen } from './diff-screen.tsx'
import { isChanged, newDraft, rebased, valueIn, withMember, type Draft } from './draft.ts'
import { FieldEditor } from './field-editor.tsx'
import { fieldsOf, type FormPlace } from './form.ts'
import type { Message } from './frame.tsx'
import { HangingScreen } from './hanging-screen.tsx'
import { JsonScreen } from './json-screen.tsx'
import { deleteCall, readCall, rehearsalCall, saveCall, switchCall } from './requests.ts'
import { SecretShown, type ShownSecret } from './secret-shown.tsx'
import { SecretsScreen } from './secrets-screen.tsx'
import { TestScreen } from './test-screen.tsx'
import { said } from './value.ts'
import { useUnsaved, useWork } from './work.ts'

/** What is done at the desk just now. */
type Doing = Errand | { name: 'form' } | { name: 'conflict'; latest: Draft } | { name: 'secret'; secret: ShownSecret }

/** Where one client is worked on: its form, and all that is done from there. The draft stays while somebody looks elsewhere. */
export function ClientDesk({ start, greeting }: { start: Draft; greeting: Message | undefined }) {
  const { session, fields, goTo } = useWork()
  const [draft, setDraft] = useState(start)
  const [doing, setDoing] = useState<Doing>({ name: 'form' })
  const [told, setTold] = useState(greeting)
  const [place, setPlace] = useState<FormPlace>({ group: '', member: '' })
  const isNew = draft.etag === undefined
  const unsaved = isNew ? draft.changes !== newDraft.changes : isChanged(draft)
  useUnsaved(
    doing.name === 'secret' ? 'The secret is shown this once.' : unsaved ? 'Changes are not saved.' : undefined,
  )

  const id = said(draft.base['id'])
  const back = (message?: Message) => {
    setTold(message)
    setDoing({ name: 'form' })
  }
  /** Shows a client as an answer has it: without what only that answer says. */
  const show = (body: unknown, etag: string | null) => {
    const { warnings: _, clientSecret: __, ...base } = body as ShownClient
    setDraft({ base, etag: etag ?? '*', changes: {} })
  }
  const read = async (): Promise<{ base: ShownClient; etag: string }> => {
    const { body, headers } = await session.call(readCall(id).request)
    return { base: body as ShownClient, etag: headers.get('etag') ?? '*' }
  }

  switch (doing.name) {
    case 'edit': {
      const { field } = doing
      return (
        <FieldEditor
          session={session}
          draft={draft}
          field={field}
          value={valueIn(draft, field.member)}
          onDone={(value) => (setDraft(withMember(draft, field.member, value)), back())}
          onCancel={back}
        />
      )
    }
    case 'diff':
      return (
        <DiffScreen
          draft={draft}
          onSaved={({ body, headers }) => {
            const { clientSecret, clientId, name } = body as ShownClient
            show(body, headers.get('etag'))
            if (!isNew) return back({ text: 'Saved.', tone: 'good' })
            if (typeof clientSecret !== 'string') return back({ text: 'Registered.', tone: 'good' })
            setDoing({ name: 'secret', secret: { clientId: said(clientId), name: said(name), clientSecret } })
          }}
          onConflict={async () => {
            const { base, etag } = await read()
            setDoing({ name: 'conflict', latest: rebased(draft, base, etag) })
          }}
          onCancel={back}
        />
      )
    case 'conflict':
      return (
        <ConflictScreen
          mine={draft}
          latest={doing.latest}
          onReapply={() => {
            setDraft(doing.latest)
            setDoing({ name: 'diff' })
          }}
          onDiscard={() => {
            setDraft({ ...doing.latest, changes: {} })
            back({ text: 'Your changes are dropped; this is the client as it is now.' })
          }}
          onCancel={back}
        />
      )
    case 'secret':
      return <SecretShown secret={doing.secret} onDone={() => back({ text: 'The secret is not shown again.' })} />
    case 'json':
      return (
        <JsonScreen
          value={{ ...draft.base, ...draft.changes }}
          title={isChanged(draft) ? 'JSON, with your changes' : 'JSON'}
          onDone={back}
        />
      )
    case 'copy': {
      const calls = isChanged(draft)
        ? [{ name: 'The change, not saved yet', call: saveCall(draft) }]
        : [{ name: 'This client', call: readCall(id) }]
      return (
        <CopyScreen
          calls={doing.rehearsed ? [{ name: 'The change, rehearsed', call: rehearsalCall(draft) }] : calls}
          onDone={back}
        />
      )
    }
    case 'secrets':
      return (
        <SecretsScreen
          id={id}
          name={said(draft.base['name'])}
          clientId={said(draft.base['clientId'])}
          onSecret={(secret) => setDoing({ name: 'secret', secret })}
          onDone={() => {
            void read().then(
              ({ base, etag }) => setDraft(rebased(draft, base, etag)),
              () => undefined,
            )
            back()
          }}
        />
      )
    case 'hanging':
      return <HangingScreen id={id} name={said(draft.base['name'])} below={doing.below} onDone={back} />
    case 'test':
      return <TestScreen id={id} onDone={back} />
    case 'clone':
      return (
        <CloneScreen
          id={id}
          name={said(draft.base['name'])}
          onCloned={(body, etag) => {
            const { clientSecret, clientId, name } = body as ShownClient
            show(body, etag)
            if (typeof clientSecret !== 'string') return back({ text: 'This is the new client.', tone: 'good' })
            setDoing({ name: 'secret', secret: { clientId: said(clientId), name: said(name), clientSecret } })
          }}
          onCancel={back}
        />
      )
    case 'switch': {
      const isActive = draft.base['isActive'] !== true
      return (
        <Confirm
          title={isActive ? 'Switch the client on' : 'Switch the client off'}
          question={
            isActive
              ? 'It gets tokens again, and what it holds works again, unless it was revoked.'
              : 'It gets nothing, and nothing that it holds works, until it is switched on again.'
          }
          calls={[switchCall(id, isActive)]}
          onDone={async ([call]) => {
            if (call) await session.call(call.request)
            const { base, etag } = await read()
            setDraft(rebased(draft, base, etag))
            back({ text: isActive ? 'It is on.' : 'It is off.', tone: 'good' })
          }}
          onCancel={back}
        />
      )
    }
    case 'delete':
      return (
        <Confirm
          title="Delete the client"
          question={`“${said(draft.base['name'])}” goes for good: all that was issued to it is void, and its clientId is never used again.`}
          typed={[said(draft.base['name']), said(draft.base['clientId'])]}
          calls={[deleteCall(id, draft.etag ?? '*')]}
          onDone={async ([call]) => {
            if (call) await session.call(call.request)
            goTo({ at: 'list', message: { text: 'It is deleted.', tone: 'good' } })
          }}
          onCancel={back}
        />
      )
    case 'leave':
      return (
        <Confirm
          title="Changes are not saved"
          question="Leave this client, and drop what was changed?"
          calls={[]}
          onDone={async () => goTo({ at: 'list' })}
          onCancel={back}
        />
      )
    case 'form':
      return (
        <ClientForm
          draft={draft}
          setDraft={setDraft}
          fields={fieldsOf(fields, draft)}
          place={place}
          goTo={setPlace}
          message={told}
          hasUnsaved={unsaved}
          onErrand={(errand) => (setTold(undefined), setDoing(errand))}
          onBack={() => goTo({ at: 'list' })}
        />
      )
  }
}
