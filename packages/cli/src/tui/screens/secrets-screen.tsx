/** @jsxImportSource react */
import { type ApiRequest, type ClientSecret, listClientSecrets } from 'cerberus-idp-admin-client'
import { useState } from 'react'
import { useApp } from '../app-context.ts'
import { addSecretCall, deleteSecretCall, rotateCall } from '../calls.ts'
import { fit } from '../../output/text-width.ts'
import { useCursor } from '../frame/cursor.ts'
import { Frame, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines } from '../frame/text.tsx'
import { Confirm } from '../input/confirm.tsx'
import { PromptScreen } from '../input/prompt-screen.tsx'
import { dayOf } from '../list/client-line.ts'
import { failureText, useQuery } from '../query.ts'
import type { NewSecret } from './new-secret-screen.tsx'

interface SecretsOptions {
  id: string
  name: string
  clientId: string
  onSecret(secret: NewSecret): void
  onDone(): void
}

type View = { name: 'list' | 'add' | 'delete' | 'overlap' } | { name: 'expiry'; label: string }

/** The valid secrets of a client: list, rotate, add and delete. */
export function SecretsScreen({ id, name, clientId, onSecret, onDone }: SecretsOptions) {
  const { session } = useApp()
  const { width, height } = useContentSize()
  const [view, setView] = useState<View>({ name: 'list' })
  const [notice, setNotice] = useState<Message>()
  const { value, failure, isLoading, reload } = useQuery(id, async () => {
    return (await session.send(listClientSecrets(id))).body.data
  })
  const secrets = value ?? []
  const cursor = useCursor(secrets.length, height - 3)
  const selected = secrets[cursor.index]
  useKeys((key) => {
    setNotice(undefined)
    if (key.name === 'escape' || key.name === 'q') onDone()
    else if (key.name === 'r') setView({ name: 'overlap' })
    else if (key.name === 'a') setView({ name: 'add' })
    else if (key.name === 'x' && selected) setView({ name: 'delete' })
    else cursor.handleKey(key)
  })
  const list = () => setView({ name: 'list' })
  const title = `Clients › ${name} › Secrets`
  /** Creates a secret and shows it. */
  const create = async ({ request }: { request: ApiRequest<{ clientSecret?: string | null }> }) => {
    const { clientSecret } = (await session.send(request)).body
    if (typeof clientSecret === 'string') onSecret({ name, clientId, clientSecret })
  }

  switch (view.name) {
    case 'overlap':
      return (
        <PromptScreen
          title={`${title} › Rotate`}
          lines={[
            'A new secret is created and shown once.',
            'Seconds until the other secrets expire (0: immediately, 86400: a day):',
          ]}
          initial="3600"
          action="rotate"
          callOf={(text) => rotateCall(id, secondsOf(text))}
          onSubmit={(text) => create(rotateCall(id, secondsOf(text)))}
          onCancel={list}
        />
      )
    case 'add':
      return (
        <PromptScreen
          title={`${title} › Add`}
          lines={[
            'The other secrets stay valid. A client has at most five.',
            'Label for administrators (may be empty):',
          ]}
          initial=""
          action="continue"
          onSubmit={async (label) => setView({ name: 'expiry', label: label.trim() })}
          onCancel={list}
        />
      )
    case 'expiry': {
      const callOf = (text: string) =>
        addSecretCall(id, { label: view.label || null, expiresAt: text.trim() === '' ? null : text.trim() })
      return (
        <PromptScreen
          key="expiry"
          title={`${title} › Add`}
          lines={['Expiry time, such as 2027-01-31T12:00:00Z.', 'Empty: valid until it is rotated or deleted.']}
          initial=""
          action="create"
          callOf={callOf}
          onSubmit={(text) => create(callOf(text))}
          onCancel={list}
        />
      )
    }
    case 'delete':
      return (
        <Confirm
          title="Delete a secret"
          question={`“${selected?.label ?? 'without a label'}” is rejected immediately.${secrets.length === 1 ? ' It is the last one: the client can no longer authenticate.' : ''}`}
          calls={[deleteSecretCall(id, selected?.id ?? '')]}
          onConfirm={async ([call]) => {
            if (call) await session.send(call.request)
            setNotice({ text: 'Deleted.', tone: 'good' })
            reload()
            list()
          }}
          onCancel={list}
        />
      )
    case 'list':
      return (
        <Frame
          title={title}
          keys={[
            ['↑↓', 'move'],
            ['r', 'rotate all'],
            ['a', 'add'],
            ['x', 'delete'],
            ['Esc', 'back'],
          ]}
          message={currentMessage()}
        >
          <Lines
            width={width}
            lines={[
              { text: ' Valid secrets. The secrets themselves are not shown.', dim: true },
              { text: `  ${fit('LABEL', 32)} ${fit('CREATED', 10)} ${fit('EXPIRES', 10)} LAST USED`, bold: true },
              ...(value && secrets.length === 0 ? [{ text: '  There are no secrets.' }] : []),
              ...secrets.slice(cursor.top, cursor.top + height - 3).map((secret, row) => ({
                text: `${cursor.top + row === cursor.index ? '>' : ' '} ${lineOf(secret)}`,
                inverse: cursor.top + row === cursor.index,
              })),
            ]}
          />
        </Frame>
      )
  }

  function currentMessage(): Message | undefined {
    if (failure && !isLoading) return { text: failureText(failure), tone: 'bad' }
    return notice ?? (isLoading ? { text: 'Loading …' } : undefined)
  }
}

function lineOf({ label, createdAt, expiresAt, lastUsedAt }: ClientSecret): string {
  const expiry = expiresAt === null ? 'never' : dayOf(expiresAt)
  return `${fit(label ?? '(no label)', 32)} ${fit(dayOf(createdAt), 10)} ${fit(expiry, 10)} ${dayOf(lastUsedAt)}`
}

/** Seconds as typed. Anything else becomes a value that the server rejects with an explanation. */
function secondsOf(text: string): number {
  return /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN
}
