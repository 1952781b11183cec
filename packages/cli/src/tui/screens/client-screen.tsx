/** @jsxImportSource react */
import { type Draft, emptyDraft } from 'cerberus-idp-admin-client'
import { useApp } from '../app-context.ts'
import { getCall } from '../calls.ts'
import { Frame, type Message } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { failureText, useQuery } from '../query.ts'
import { ClientDetail } from './client-detail.tsx'

/** Reads one client and shows it. */
export function ClientScreen({ id, message }: { id: string; message: Message | undefined }) {
  const { session, goTo } = useApp()
  const { value, failure, isLoading, reload } = useQuery(id, async (): Promise<Draft> => {
    const { body, headers } = await session.send(getCall(id).request)
    return { base: body, etag: headers.get('etag') ?? '*', changes: {} }
  })
  if (value) return <ClientDetail initialDraft={value} initialMessage={message} />
  return (
    <LoadingScreen
      failure={failure && !isLoading ? failureText(failure) : undefined}
      onReload={reload}
      onBack={() => goTo({ at: 'list' })}
    />
  )
}

/** The form for a new client. */
export function NewClientScreen() {
  return <ClientDetail initialDraft={emptyDraft} initialMessage={undefined} />
}

interface LoadingOptions {
  failure: string | undefined
  onReload(): void
  onBack(): void
}

function LoadingScreen({ failure, onReload, onBack }: LoadingOptions) {
  useKeys(({ name }) => {
    if (name === 'escape' || name === 'q') onBack()
    else if (name === 'r') onReload()
  })
  const message: Message = failure === undefined ? { text: 'Loading …' } : { text: failure, tone: 'bad' }
  return (
    <Frame
      title="Client"
      keys={[
        ['r', 'retry'],
        ['Esc', 'back'],
      ]}
      message={message}
    >
      {null}
    </Frame>
  )
}
