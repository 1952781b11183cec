// `screens` has the screens of one client. `client-detail` is the first of them and opens the others.

/** @jsxImportSource react */
import {
  asText,
  type ChangedClient,
  type Client,
  type Draft,
  emptyDraft,
  isChanged,
  rebaseDraft,
  valueIn,
  withMember,
} from 'cerberus-idp-admin-client'
import { useState } from 'react'
import { useApp, useUnsaved } from '../app-context.ts'
import { deleteCall, getCall, saveCall, setActiveCall } from '../calls.ts'
import { ClientForm, type Task } from '../form/client-form.tsx'
import { fieldsOf, type FormPlace } from '../form/form.ts'
import type { Message } from '../frame/frame.tsx'
import { Confirm } from '../input/confirm.tsx'
import { FieldEditor } from '../input/field-editor.tsx'
import { CloneScreen } from './clone-screen.tsx'
import { ConflictScreen } from './conflict-screen.tsx'
import { CopyAsScreen } from './copy-as-screen.tsx'
import { DiffScreen } from './diff-screen.tsx'
import { JsonScreen } from './json-screen.tsx'
import { type NewSecret, NewSecretScreen } from './new-secret-screen.tsx'
import { RelatedResourcesScreen } from './related-resources-screen.tsx'
import { SecretsScreen } from './secrets-screen.tsx'
import { TestScreen } from './test-screen.tsx'

/** The visible screen: the form, a task, or a step that follows from one. */
type View = Task | { name: 'form' } | { name: 'conflict'; latest: Draft } | { name: 'secret'; secret: NewSecret }

interface ClientDetailOptions {
  initialDraft: Draft
  initialMessage: Message | undefined
}

/** One client: its form and the tasks that start there. The draft is kept while a task is shown. */
export function ClientDetail({ initialDraft, initialMessage }: ClientDetailOptions) {
  const { session, fields, goTo } = useApp()
  const [draft, setDraft] = useState(initialDraft)
  const [view, setView] = useState<View>({ name: 'form' })
  const [message, setMessage] = useState(initialMessage)
  const [place, setPlace] = useState<FormPlace>({ group: '', member: '' })
  const isNew = draft.etag === undefined
  const hasUnsaved = isNew ? draft.changes !== emptyDraft.changes : isChanged(draft)
  useUnsaved(
    view.name === 'secret'
      ? 'The secret will not be shown again.'
      : hasUnsaved
        ? 'There are unsaved changes.'
        : undefined,
  )

  const id = asText(draft.base['id'])
  const name = asText(draft.base['name'])
  const back = (next?: Message) => {
    setMessage(next)
    setView({ name: 'form' })
  }
  /** Shows a client from the response to a change, without the members that only this response has. */
  const show = (body: ChangedClient, etag: string | null) => {
    const { warnings: _, clientSecret: __, ...base } = body
    setDraft({ base, etag: etag ?? '*', changes: {} })
  }
  /** Shows the new secret in a response, or the message if the response has no secret. */
  const showSecret = (body: ChangedClient, text: string) => {
    const { clientId, clientSecret } = body
    if (typeof clientSecret !== 'string') return back({ text, tone: 'good' })
    setView({ name: 'secret', secret: { clientId, name: body.name, clientSecret } })
  }
  const read = async (): Promise<{ base: Client; etag: string }> => {
    const { body, headers } = await session.send(getCall(id).request)
    return { base: body, etag: headers.get('etag') ?? '*' }
  }

  switch (view.name) {
    case 'edit': {
      const { field } = view
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
            show(body, headers.get('etag'))
            if (isNew) showSecret(body, 'Registered.')
            else back({ text: 'Saved.', tone: 'good' })
          }}
          onConflict={async () => {
            const { base, etag } = await read()
            setView({ name: 'conflict', latest: rebaseDraft(draft, base, etag) })
          }}
          onCancel={back}
        />
      )
    case 'conflict':
      return (
        <ConflictScreen
          mine={draft}
          latest={view.latest}
          onReapply={() => {
            setDraft(view.latest)
            setView({ name: 'diff' })
          }}
          onDiscard={() => {
            setDraft({ ...view.latest, changes: {} })
            back({ text: 'Your changes are discarded. This is the current client.' })
          }}
          onCancel={back}
        />
      )
    case 'secret':
      return <NewSecretScreen secret={view.secret} onDone={() => back({ text: 'The secret is not shown again.' })} />
    case 'json':
      return (
        <JsonScreen
          value={{ ...draft.base, ...draft.changes }}
          title={isChanged(draft) ? 'JSON, with your changes' : 'JSON'}
          onDone={back}
        />
      )
    case 'copy': {
      const call = isChanged(draft)
        ? { name: 'The unsaved change', call: saveCall(draft) }
        : { name: 'This client', call: getCall(id) }
      return <CopyAsScreen calls={[call]} onDone={back} />
    }
    case 'secrets':
      return (
        <SecretsScreen
          id={id}
          name={name}
          clientId={asText(draft.base['clientId'])}
          onSecret={(secret) => setView({ name: 'secret', secret })}
          onDone={() => {
            void read().then(
              ({ base, etag }) => setDraft(rebaseDraft(draft, base, etag)),
              () => undefined,
            )
            back()
          }}
        />
      )
    case 'related':
      return <RelatedResourcesScreen id={id} name={name} resource={view.resource} onDone={back} />
    case 'test':
      return <TestScreen id={id} onDone={back} />
    case 'clone':
      return (
        <CloneScreen
          id={id}
          name={name}
          onCloned={(body, etag) => {
            show(body, etag)
            showSecret(body, 'Registered. This is the new client.')
          }}
          onCancel={back}
        />
      )
    case 'toggle': {
      const isActive = draft.base['isActive'] !== true
      return (
        <Confirm
          title={isActive ? 'Enable the client' : 'Disable the client'}
          question={
            isActive
              ? 'It can get tokens again, and its tokens are valid again, unless revoked.'
              : 'It gets no tokens, and its tokens are rejected, until it is enabled again.'
          }
          calls={[setActiveCall(id, isActive)]}
          onConfirm={async ([call]) => {
            if (call) await session.send(call.request)
            const { base, etag } = await read()
            setDraft(rebaseDraft(draft, base, etag))
            back({ text: isActive ? 'Enabled.' : 'Disabled.', tone: 'good' })
          }}
          onCancel={back}
        />
      )
    }
    case 'delete':
      return (
        <Confirm
          title="Delete the client"
          question={`“${name}” is deleted permanently. Everything issued to it is revoked, and its clientId is never used again.`}
          typed={[name, asText(draft.base['clientId'])]}
          calls={[deleteCall(id, draft.etag ?? '*')]}
          onConfirm={async ([call]) => {
            if (call) await session.send(call.request)
            goTo({ at: 'list', message: { text: 'Deleted.', tone: 'good' } })
          }}
          onCancel={back}
        />
      )
    case 'discard':
      return (
        <Confirm
          title="Unsaved changes"
          question="Discard the changes and return to the list?"
          calls={[]}
          onConfirm={async () => goTo({ at: 'list' })}
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
          message={message}
          hasUnsaved={hasUnsaved}
          onTask={(task) => (setMessage(undefined), setView(task))}
          onBack={() => goTo({ at: 'list' })}
        />
      )
  }
}
