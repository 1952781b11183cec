import { createContext, useContext, useEffect } from 'react'
import type { Session } from '../session.ts'
import type { Whereabouts } from './equivalents.ts'
import type { Field } from './field.ts'
import type { Message } from './frame.tsx'

/** Where in the program somebody is. */
export type Place = { at: 'list'; message?: Message } | { at: 'client'; id: string; message?: Message } | { at: 'new' }

/** What every screen works with. */
export interface Work {
  session: Session
  whereabouts: Whereabouts
  /** What the server says of itself. */
  fields: readonly Field[]
  filters: readonly Field[]
  sorts: readonly string[]
  /** Puts text where the terminal keeps what was copied (OSC 52), if it does. */
  copy(text: string): void
  now(): Date
  goTo(place: Place): void
  /** Says what would be lost if the program were left now. */
  keep(unsaved: string | undefined): void
  /** Leaves the program, after a question where something would be lost. */
  leave(): void
}

export const WorkContext = createContext<Work | undefined>(undefined)

export function useWork(): Work {
  const work = useContext(WorkContext)
  if (!work) throw new Error('There is nothing to work with here.')
  return work
}

/** Tells the program what would be lost if it were left now; undefined: nothing. */
export function useUnsaved(unsaved: string | undefined): void {
  const { keep } = useWork()
  useEffect(() => {
    keep(unsaved)
    return () => keep(undefined)
  }, [keep, unsaved])
}
