/** @jsxImportSource react */
import type { ShownClient } from '../client-requests.ts'
import { inWords, useAnswer } from './answers.ts'
import { ClientDesk } from './client-desk.tsx'
import { newDraft } from './draft.ts'
import { Frame, type Message } from './frame.tsx'
import { useKeys } from './keys.tsx'
import { readCall } from './requests.ts'
import { useWork } from './work.ts'

/** A client with the state that it is in. */
export interface ReadClient {
  client: ShownClient
  etag: string
}

/** One client, read and then worked on. */
export function ClientScreen({ id, message }: { id: string; message: Message | undefined }) {
  const { session, goTo } = useWork()
  const { value, failure, waiting, again } = useAnswer(id, async (): Promise<ReadClient> => {
    const { body, headers } = await session.call(readCall(id).request)
    return { client: body as ShownClient, etag: headers.get('etag') ?? '*' }
  })
  if (value) return <ClientDesk start={{ base: value.client, etag: value.etag, changes: {} }} greeting={message} />
  return (
    <Waiting
      failure={failure && !waiting ? inWords(failure) : undefined}
      onAgain={again}
      onBack={() => goTo({ at: 'list' })}
    />
  )
}

/** A client that is to be registered. */
export function NewClientScreen() {
  return <ClientDesk start={newDraft} greeting={undefined} />
}

function Waiting({ failure, onAgain, onBack }: { failure: string | undefined; onAgain(): void; onBack(): void }) {
  useKeys(({ name }) => {
    if (name === 'escape' || name === 'q') onBack()
    else if (name === 'r') onAgain()
  })
  const message: Message = failure === undefined ? { text: 'Asking the server …' } : { text: failure, tone: 'bad' }
  return (
    <Frame
      title="Client"
      keys={[
        ['r', 'again'],
        ['Esc', 'back'],
      ]}
      message={message}
    >
      {null}
    </Frame>
  )
}
