import { useRef, useState } from 'react'
import type { Key } from './keys.tsx'

/** A place in a list of which a window is seen. */
export interface Cursor {
  index: number
  /** The first line of the window. */
  top: number
  /** Goes to a line, also to one that is only about to be there. */
  move(to: number): void
  /** Moves where the key is one that moves, and says whether it was. */
  hears(key: Key): boolean
}

/** A cursor over `count` lines, of which `height` are seen. */
export function useCursor(count: number, height: number, start = 0): Cursor {
  const [wanted, setWanted] = useState(start)
  const last = useRef(0)
  const index = Math.max(0, Math.min(count - 1, wanted))
  last.current = windowOf(index, last.current, count, height)
  const steps: Readonly<Record<string, number>> = {
    up: index - 1,
    down: index + 1,
    pageup: index - height,
    pagedown: index + height,
    home: 0,
    end: count - 1,
  }
  const move = (to: number) => setWanted(Math.max(0, to))
  return {
    index,
    top: last.current,
    move,
    hears({ name }) {
      const to = steps[name]
      if (to !== undefined) move(Math.min(count - 1, to))
      return to !== undefined
    },
  }
}

/** A window over `count` lines that is moved as a whole. */
export function useScroll(count: number, height: number): Pick<Cursor, 'top' | 'hears'> {
  const last = Math.max(0, count - height)
  const [wanted, setTop] = useState(0)
  const top = Math.min(wanted, last)
  const steps: Readonly<Record<string, number>> = {
    up: top - 1,
    down: top + 1,
    pageup: top - height,
    pagedown: top + height,
    home: 0,
    end: last,
  }
  return {
    top,
    hears({ name }) {
      const to = steps[name]
      if (to !== undefined) setTop(Math.max(0, Math.min(last, to)))
      return to !== undefined
    },
  }
}

/** The first line of the window that shows `index` and moves as little as it can. */
export function windowOf(index: number, top: number, count: number, height: number): number {
  const least = Math.max(0, index - height + 1)
  const most = Math.max(0, Math.min(index, count - height))
  return Math.min(Math.max(top, least), Math.max(least, most))
}
