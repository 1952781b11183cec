import { useRef, useState } from 'react'
import type { Key } from './keyboard.tsx'

/** A position in a list that is partly visible. */
export interface Cursor {
  index: number
  /** The first visible line. */
  top: number
  /** Moves to a line, even to one that is about to be added. */
  move(to: number): void
  /** Moves by a key. False for keys that do not move. */
  handleKey(key: Key): boolean
}

/** A cursor over `count` lines, `height` of them visible. */
export function useCursor(count: number, height: number, start = 0): Cursor {
  const [wanted, setWanted] = useState(start)
  const last = useRef(0)
  const index = Math.max(0, Math.min(count - 1, wanted))
  last.current = scrollOffset(index, last.current, count, height)
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
    handleKey({ name }) {
      const to = steps[name]
      if (to !== undefined) move(Math.min(count - 1, to))
      return to !== undefined
    },
  }
}

/** A scroll position over `count` lines, without a cursor. */
export function useScroll(count: number, height: number): Pick<Cursor, 'top' | 'handleKey'> {
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
    handleKey({ name }) {
      const to = steps[name]
      if (to !== undefined) setTop(Math.max(0, Math.min(last, to)))
      return to !== undefined
    },
  }
}

/** The scroll position nearest to `top` at which `index` is visible. */
export function scrollOffset(index: number, top: number, count: number, height: number): number {
  const min = Math.max(0, index - height + 1)
  const max = Math.max(0, Math.min(index, count - height))
  return Math.min(Math.max(top, min), Math.max(min, max))
}
