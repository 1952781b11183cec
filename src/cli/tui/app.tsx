/** @jsxImportSource react */
import { Box, useStdout } from 'ink'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { systemClock } from '../../lib/clock.ts'
import { tellTo } from '../output.ts'
import { demand } from '../server.ts'
import type { Session } from '../session.ts'
import { inWords, useAnswer } from './answers.ts'
import { ClientScreen, NewClientScreen } from './client-screen.tsx'
import { Confirm } from './confirm.tsx'
import type { Whereabouts } from './equivalents.ts'
import { readFields, readFilters, readSorts, type OpenApi } from './field.ts'
import { Frame, Surrounding, type Surroundings } from './frame.tsx'
import { Keyboard, useKeys, type Key } from './keys.tsx'
import { firstList } from './list-state.ts'
import { ListScreen } from './list-screen.tsx'
import { Colours, Words } from './text.tsx'
import { WorkContext, type Place, type Work } from './work.ts'

const LEAST = { columns: 80, rows: 24 }
const NOTICE_MS = 4000

export interface AppOptions {
  session: Session
  whereabouts: Whereabouts
  hasColours: boolean
  /** Writes to the terminal beside what is drawn. */
  write(text: string): void
  exit(): void
}

/** The whole program. */
export function App({ session, whereabouts, hasColours, write, exit }: AppOptions) {
  const size = useSize()
  const notice = useNotice()
  const [isHelping, setHelping] = useState(false)
  const [leaving, setLeaving] = useState<string>()
  const [place, setPlace] = useState<Place>({ at: 'list' })
  const [list, setList] = useState(firstList)
  const unsaved = useRef<string>(undefined)
  const description = useAnswer('description', async () => {
    const [document, metadata] = await Promise.all(
      ['/openapi.json', '/.well-known/openid-configuration'].map(async (path) => {
        return (await demand(session.server, { method: 'GET', path })).body
      }),
    )
    return { document: document as OpenApi, metadata: metadata as Record<string, unknown> }
  })

  const leave = useCallback(() => {
    if (unsaved.current === undefined) exit()
    else setLeaving(unsaved.current)
  }, [exit])
  const keep = useCallback((what: string | undefined) => {
    unsaved.current = what
  }, [])
  const { value } = description
  const work = useMemo(
    (): Work => ({
      session,
      whereabouts,
      fields: value ? readFields(value.document, value.metadata) : [],
      filters: value ? readFilters(value.document, value.metadata) : [],
      sorts: value ? readSorts(value.document) : [],
      copy: (text) => write(`\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`),
      now: () => systemClock.now(),
      goTo: setPlace,
      keep,
      leave,
    }),
    [session, whereabouts, value, keep, leave, write],
  )
  const onEvery = ({ name }: Key, isTyping: boolean): boolean => {
    // Who presses it twice means it.
    if (name === 'ctrl+c') (leaving === undefined ? leave : exit)()
    else if (isHelping) setHelping(false)
    else if (name === '?' && !isTyping) setHelping(true)
    else return false
    return true
  }
  const surroundings: Surroundings = {
    ...size,
    place: whereabouts.context ?? session.server.replace(/^https?:\/\//, ''),
    helping: isHelping,
    notice,
  }
  const isSmall = size.columns < LEAST.columns || size.rows < LEAST.rows
  const isElsewhere = isSmall || leaving !== undefined
  return (
    <Colours.Provider value={hasColours}>
      <Surrounding.Provider value={surroundings}>
        <WorkContext.Provider value={work}>
          <Keyboard onEvery={onEvery}>
            {isSmall && <TooSmall {...size} />}
            <Box display={isElsewhere ? 'none' : 'flex'}>
              {value ? (
                screen()
              ) : (
                <Opening
                  failure={description.failure && !description.waiting ? inWords(description.failure) : undefined}
                  again={description.again}
                />
              )}
            </Box>
            {leaving !== undefined && !isSmall && (
              <Confirm
                title="Leave"
                question={`${leaving} Leave all the same?`}
                calls={[]}
                onDone={async () => exit()}
                onCancel={() => setLeaving(undefined)}
              />
            )}
          </Keyboard>
        </WorkContext.Provider>
      </Surrounding.Provider>
    </Colours.Provider>
  )

  function screen() {
    if (place.at === 'new') return <NewClientScreen key="new" />
    if (place.at === 'client') return <ClientScreen key={place.id} id={place.id} message={place.message} />
    return <ListScreen list={list} setList={setList} message={place.message} />
  }
}

/** Before the server has said what it can do. */
function Opening({ failure, again }: { failure: string | undefined; again(): void }) {
  useKeys(({ name }) => {
    if (name === 'r') again()
  })
  return (
    <Frame
      title="Clients"
      keys={[
        ['r', 'again'],
        ['Ctrl-C', 'leave'],
      ]}
      message={failure === undefined ? { text: 'Asking the server what it can do …' } : { text: failure, tone: 'bad' }}
    >
      {null}
    </Frame>
  )
}

function TooSmall({ columns, rows }: { columns: number; rows: number }) {
  return <Words>{`This needs 80 columns and 24 rows; here are ${columns} and ${rows}. Ctrl-C leaves.`}</Words>
}

function useSize(): { columns: number; rows: number } {
  const { stdout } = useStdout()
  const read = () => ({ columns: stdout.columns || LEAST.columns, rows: stdout.rows || LEAST.rows })
  const [size, setSize] = useState(read)
  useEffect(() => {
    const resized = () => setSize(read())
    stdout.on('resize', resized)
    return () => void stdout.off('resize', resized)
  }, [stdout])
  return size
}

/** What the command tells besides, for a few seconds. */
function useNotice(): string {
  const [notice, setNotice] = useState('')
  useEffect(() => {
    let timer: NodeJS.Timeout | undefined
    tellTo((line) => {
      clearTimeout(timer)
      setNotice(line)
      timer = setTimeout(() => setNotice(''), NOTICE_MS)
    })
    return () => {
      clearTimeout(timer)
      tellTo(() => undefined)
    }
  }, [])
  return notice
}
