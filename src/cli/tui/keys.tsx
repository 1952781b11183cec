/** @jsxImportSource react */
import { useInput, type Key as InkKey } from 'ink'
import { createContext, useCallback, useContext, useLayoutEffect, useMemo, useRef, type ReactNode } from 'react'

/** A key that was pressed, by its name (`up`, `enter`, `ctrl+s`, `a`), or text that came at once, which is called `text`. */
export interface Key {
  name: string
  /** What it types; empty for keys that type nothing. */
  text: string
}

interface Listener {
  handler: { current: (key: Key) => void }
  typing: { current: boolean }
}
interface Registry {
  add(listener: Listener): () => void
}

const Listeners = createContext<Registry>({ add: () => () => undefined })

const named: readonly [keyof InkKey, string][] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
]
const controls: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\x7f': 'backspace',
  '\x1b': 'escape',
}

/** The keys of what arrived at once: over a slow line, or pasted, that can be many. */
function keysOf(input: string, key: InkKey): Key[] {
  const name = named.find(([flag]) => key[flag] === true)?.[1]
  if (name !== undefined) return [{ name, text: '' }]
  if (key.tab) return [{ name: key.shift ? 'shift+tab' : 'tab', text: '' }]
  if (key.ctrl) return [{ name: `ctrl+${input}`, text: '' }]
  // Alt is not used here: it is an escape that came at once with what was pressed after it.
  if (key.meta && input !== '') return [{ name: 'escape', text: '' }, ...keysOf(input, { ...key, meta: false })]
  // oxlint-disable-next-line no-control-regex -- control characters are what keys send
  return Array.from(input.matchAll(/[\x00-\x1f\x7f]|[^\x00-\x1f\x7f]+/g), ([piece]) => {
    const control = controls[piece]
    if (control !== undefined) return { name: control, text: '' }
    if (piece < ' ') return { name: `ctrl+${String.fromCodePoint(piece.charCodeAt(0) + 96)}`, text: '' }
    return { name: Array.from(piece).length === 1 ? piece : 'text', text: piece }
  })
}

/** Lets what was drawn for one key be there before the next one is looked at. */
const drawn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))

/** Gives each key to what was drawn last and wants keys. `onEvery` is asked before, and says whether it was its own. */
export function Keyboard({
  children,
  onEvery,
}: {
  children: ReactNode
  onEvery: (key: Key, isTyping: boolean) => boolean
}) {
  const listeners = useRef<Listener[]>([])
  const waiting = useRef<Key[]>([])
  const busy = useRef(false)
  const every = useRef(onEvery)
  every.current = onEvery

  const drain = useCallback(async () => {
    if (busy.current) return
    busy.current = true
    for (let key = waiting.current.shift(); key; key = waiting.current.shift()) {
      const listener = listeners.current.at(-1)
      const [first = '', ...others] = Array.from(key.text)
      if (key.name === 'text' && listener?.typing.current === false) {
        // Of what is no text here each character is a key, and the first may lead to where the others are text.
        waiting.current.unshift({ name: others.length > 1 ? 'text' : others.join(''), text: others.join('') })
        key = { name: first, text: first }
      }
      if (!every.current(key, listener?.typing.current ?? false)) listener?.handler.current(key)
      await drawn()
    }
    busy.current = false
  }, [])

  useInput((input, key) => {
    waiting.current.push(...keysOf(input, key))
    void drain()
  })

  const registry = useMemo<Registry>(
    () => ({
      add(listener) {
        listeners.current.push(listener)
        return () => void listeners.current.splice(listeners.current.indexOf(listener), 1)
      },
    }),
    [],
  )
  return <Listeners.Provider value={registry}>{children}</Listeners.Provider>
}

/** Hears keys as long as it is the last that began to. Where `typing`, what came at once is one text. */
export function useKeys(handler: (key: Key) => void, typing = false): void {
  const registry = useContext(Listeners)
  const latest = useRef(handler)
  const types = useRef(typing)
  latest.current = handler
  types.current = typing
  useLayoutEffect(() => registry.add({ handler: latest, typing: types }), [registry])
}
