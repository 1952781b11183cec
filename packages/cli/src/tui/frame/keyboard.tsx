/** @jsxImportSource react */
import { type Key as InkKey, useInput } from 'ink'
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'

/** A pressed key by its name (`up`, `enter`, `ctrl+s`, `a`), or several characters that arrived together, named `text`. */
export interface Key {
  name: string
  /** The text that it types; may be empty. */
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

const namedKeys: readonly [keyof InkKey, string][] = [
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

/** The keys in one chunk of input. Pasted text and slow lines put many into one. */
function keysOf(input: string, key: InkKey): Key[] {
  const name = namedKeys.find(([flag]) => key[flag] === true)?.[1]
  // No screen uses Alt: this is Escape that arrived together with the next key.
  if (key.meta && (name === 'enter' || name === 'backspace'))
    return [
      { name: 'escape', text: '' },
      { name, text: '' },
    ]
  if (name !== undefined) return [{ name, text: '' }]
  if (key.tab) return [{ name: key.shift ? 'shift+tab' : 'tab', text: '' }]
  if (key.ctrl) return [{ name: `ctrl+${input}`, text: '' }]
  if (key.meta && input !== '') return [{ name: 'escape', text: '' }, ...keysOf(input, { ...key, meta: false })]
  // oxlint-disable-next-line no-control-regex -- control characters are what keys send
  return Array.from(input.matchAll(/[\x00-\x1f\x7f]|[^\x00-\x1f\x7f]+/g), ([piece]) => {
    const control = controls[piece]
    if (control !== undefined) return { name: control, text: '' }
    if (piece < ' ') return { name: `ctrl+${String.fromCodePoint(piece.charCodeAt(0) + 96)}`, text: '' }
    return { name: Array.from(piece).length === 1 ? piece : 'text', text: piece }
  })
}

/** Passes each key to the listener that was added last. `onGlobalKey` comes first, and returns whether it handled the key. */
export function Keyboard({
  children,
  onGlobalKey,
}: {
  children: ReactNode
  onGlobalKey: (key: Key, isTyping: boolean) => boolean
}) {
  const listeners = useRef<Listener[]>([])
  const queue = useRef<Key[]>([])
  const busy = useRef(false)
  const globalHandler = useRef(onGlobalKey)
  globalHandler.current = onGlobalKey
  const rendered = useRendered()

  const processQueue = useCallback(async () => {
    if (busy.current) return
    busy.current = true
    for (let key = queue.current.shift(); key; key = queue.current.shift()) {
      const listener = listeners.current.at(-1)
      const [first = '', ...others] = Array.from(key.text)
      if (key.name === 'text' && listener?.typing.current === false) {
        // Each character is a key here, and the first may open a screen where the others are text.
        queue.current.unshift({ name: others.length > 1 ? 'text' : others.join(''), text: others.join('') })
        key = { name: first, text: first }
      }
      if (!globalHandler.current(key, listener?.typing.current ?? false)) listener?.handler.current(key)
      // The second time, updates from effects of the first rendering are rendered as well.
      await rendered()
      await rendered()
    }
    busy.current = false
  }, [rendered])

  useInput((input, key) => {
    queue.current.push(...keysOf(input, key))
    void processQueue()
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

/**
 * Returns a function that resolves when React has rendered all updates made before: React renders updates of the same
 * priority together, so the rendering of its own update includes them.
 */
function useRendered(): () => Promise<void> {
  const [count, setCount] = useState(0)
  const onRendered = useRef<() => void>(undefined)
  useLayoutEffect(() => onRendered.current?.(), [count])
  return useCallback(
    () =>
      new Promise((resolve) => {
        onRendered.current = resolve
        setCount((before) => before + 1)
      }),
    [],
  )
}

/** Handles keys while no later listener exists. With `typing`, characters that arrive together are one text. */
export function useKeys(handler: (key: Key) => void, typing = false): void {
  const registry = useContext(Listeners)
  const latest = useRef(handler)
  const types = useRef(typing)
  latest.current = handler
  types.current = typing
  useLayoutEffect(() => registry.add({ handler: latest, typing: types }), [registry])
}
