import type { Field } from 'cerberus-idp-admin-client'
import { createContext, useContext, useEffect } from 'react'
import type { Noun } from '../directory/resource.ts'
import type { Session } from '../sign-in/session.ts'
import type { CommandTarget } from './copy-as.ts'
import type { Message } from './frame/frame.tsx'

/** The page of the program. */
export type Place =
  /** The clients, unless another list is named. */
  | { at: 'list'; noun?: Noun | 'client'; message?: Message }
  | { at: 'client'; id: string; message?: Message }
  | { at: 'new' }
  /** `name` finds an item that the server does not read by its id. */
  | { at: 'item'; noun: Noun; id: string; name?: string }

/** What every screen works with. */
export interface AppServices {
  session: Session
  target: CommandTarget
  /** From the server's description of its API. */
  fields: readonly Field[]
  filters: readonly Field[]
  sorts: readonly string[]
  /** Copies text to the clipboard, if the terminal supports it (OSC 52). */
  copy(text: string): void
  now(): Date
  goTo(place: Place): void
  /** Sets the warning to confirm before quitting; undefined: nothing would be lost. */
  setUnsaved(warning: string | undefined): void
  /** Quits the program, after a confirmation where something would be lost. */
  quit(): void
}

export const AppContext = createContext<AppServices | undefined>(undefined)

export function useApp(): AppServices {
  const services = useContext(AppContext)
  if (!services) throw new Error('useApp must be called within AppContext.')
  return services
}

/** Sets the warning to confirm before quitting, as long as the screen is shown. */
export function useUnsaved(warning: string | undefined): void {
  const { setUnsaved } = useApp()
  useEffect(() => {
    setUnsaved(warning)
    return () => setUnsaved(undefined)
  }, [setUnsaved, warning])
}
