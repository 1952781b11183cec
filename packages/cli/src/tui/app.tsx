/** @jsxImportSource react */
import { getOpenApiDocument, getServerMetadata, readFields, readFilters, readSorts } from 'cerberus-idp-admin-client'
import { Box, useStdout } from 'ink'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { resourceOf } from '../directory/resources.ts'
import { redirectLog } from '../output/log.ts'
import { sendOrThrow } from '../requests/send.ts'
import type { Session } from '../sign-in/session.ts'
import { now } from '../system/clock.ts'
import { AppContext, type AppServices, type Place } from './app-context.ts'
import type { CommandTarget } from './copy-as.ts'
import { ItemScreen } from './directory/item-screen.tsx'
import { firstPosition, type ListPosition } from './directory/lists.ts'
import { ResourceListScreen } from './directory/resource-list-screen.tsx'
import { Frame, FrameContext, type FrameContextValue } from './frame/frame.tsx'
import { type Key, Keyboard, useKeys } from './frame/keyboard.tsx'
import { Colours, TerminalText } from './frame/text.tsx'
import { Confirm } from './input/confirm.tsx'
import { ListScreen } from './list/list-screen.tsx'
import { initialList } from './list/list-state.ts'
import { failureText, useQuery } from './query.ts'
import { ClientScreen, NewClientScreen } from './screens/client-screen.tsx'

const MIN_SIZE = { columns: 80, rows: 24 }
const NOTICE_MS = 4000

export interface AppOptions {
  session: Session
  target: CommandTarget
  hasColours: boolean
  /** Writes control sequences to the terminal. */
  write(text: string): void
  exit(): void
}

/** The whole terminal UI. */
export function App({ session, target, hasColours, write, exit }: AppOptions) {
  const size = useSize()
  const notice = useNotice()
  const [isHelpOpen, setHelpOpen] = useState(false)
  const [quitWarning, setQuitWarning] = useState<string>()
  const [place, setPlace] = useState<Place>({ at: 'list' })
  const [list, setList] = useState(initialList)
  const [positions, setPositions] = useState<Readonly<Record<string, ListPosition>>>({})
  const unsaved = useRef<string>(undefined)
  const description = useQuery('description', async () => {
    const [document, metadata] = await Promise.all([
      sendOrThrow(session.server, getOpenApiDocument()),
      sendOrThrow(session.server, getServerMetadata()),
    ])
    return { document: document.body, metadata: metadata.body }
  })

  const quit = useCallback(() => {
    if (unsaved.current === undefined) exit()
    else setQuitWarning(unsaved.current)
  }, [exit])
  const setUnsaved = useCallback((warning: string | undefined) => {
    unsaved.current = warning
  }, [])
  const { value } = description
  const services = useMemo(
    (): AppServices => ({
      session,
      target,
      fields: value ? readFields(value.document, value.metadata) : [],
      filters: value ? readFilters(value.document, value.metadata) : [],
      sorts: value ? readSorts(value.document) : [],
      copy: (text) => write(`\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`),
      now,
      goTo: setPlace,
      setUnsaved,
      quit,
    }),
    [session, target, value, setUnsaved, quit, write],
  )
  const onGlobalKey = ({ name }: Key, isTyping: boolean): boolean => {
    // Pressed again in the confirmation, it quits.
    if (name === 'ctrl+c') (quitWarning === undefined ? quit : exit)()
    else if (isHelpOpen) setHelpOpen(false)
    else if (name === '?' && !isTyping) setHelpOpen(true)
    else return false
    return true
  }
  const frame: FrameContextValue = {
    ...size,
    place: target.context ?? session.server.replace(/^https?:\/\//, ''),
    isHelpOpen,
    notice,
  }
  const isSmall = size.columns < MIN_SIZE.columns || size.rows < MIN_SIZE.rows
  const isHidden = isSmall || quitWarning !== undefined
  return (
    <Colours.Provider value={hasColours}>
      <FrameContext.Provider value={frame}>
        <AppContext.Provider value={services}>
          <Keyboard onGlobalKey={onGlobalKey}>
            {isSmall && <TooSmall {...size} />}
            <Box display={isHidden ? 'none' : 'flex'}>
              {value ? (
                screen()
              ) : (
                <LoadingScreen
                  failure={description.failure && !description.isLoading ? failureText(description.failure) : undefined}
                  reload={description.reload}
                />
              )}
            </Box>
            {quitWarning !== undefined && !isSmall && (
              <Confirm
                title="Quit"
                question={`${quitWarning} Quit anyway?`}
                calls={[]}
                onConfirm={async () => exit()}
                onCancel={() => setQuitWarning(undefined)}
              />
            )}
          </Keyboard>
        </AppContext.Provider>
      </FrameContext.Provider>
    </Colours.Provider>
  )

  function screen() {
    if (place.at === 'new') return <NewClientScreen key="new" />
    if (place.at === 'client') return <ClientScreen key={place.id} id={place.id} message={place.message} />
    if (place.at === 'item')
      return <ItemScreen key={place.id} resource={resourceOf(place.noun)} id={place.id} name={place.name} />
    const { noun = 'client', message } = place
    if (noun === 'client') return <ListScreen list={list} setList={setList} message={message} />
    return (
      <ResourceListScreen
        key={noun}
        resource={resourceOf(noun)}
        position={positions[noun] ?? firstPosition}
        setPosition={(change) =>
          setPositions((before) => ({ ...before, [noun]: change(before[noun] ?? firstPosition) }))
        }
        message={message}
      />
    )
  }
}

/** Shown until the server's description is read. */
function LoadingScreen({ failure, reload }: { failure: string | undefined; reload(): void }) {
  useKeys(({ name }) => {
    if (name === 'r') reload()
  })
  return (
    <Frame
      title="Clients"
      keys={[
        ['r', 'retry'],
        ['Ctrl-C', 'quit'],
      ]}
      message={failure === undefined ? { text: 'Reading the API description …' } : { text: failure, tone: 'bad' }}
    >
      {null}
    </Frame>
  )
}

function TooSmall({ columns, rows }: { columns: number; rows: number }) {
  return (
    <TerminalText>{`The terminal must have 80 columns and 24 rows; it has ${columns} and ${rows}. Ctrl-C quits.`}</TerminalText>
  )
}

function useSize(): { columns: number; rows: number } {
  const { stdout } = useStdout()
  const read = () => ({ columns: stdout.columns || MIN_SIZE.columns, rows: stdout.rows || MIN_SIZE.rows })
  const [size, setSize] = useState(read)
  useEffect(() => {
    const resized = () => setSize(read())
    stdout.on('resize', resized)
    return () => void stdout.off('resize', resized)
  }, [stdout])
  return size
}

/** The last log message, for a few seconds. */
function useNotice(): string {
  const [notice, setNotice] = useState('')
  useEffect(() => {
    let timer: NodeJS.Timeout | undefined
    redirectLog((line) => {
      clearTimeout(timer)
      setNotice(line)
      timer = setTimeout(() => setNotice(''), NOTICE_MS)
    })
    return () => {
      clearTimeout(timer)
      redirectLog(() => undefined)
    }
  }, [])
  return notice
}
