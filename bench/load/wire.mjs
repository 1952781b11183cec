import { connect } from 'node:net'

/**
 * A minimal HTTP/1.1 client for a generator with little CPU cost: persistent connections, one request at a time on
 * each, requests as bytes. `send` takes the bytes and calls back with `{ status, head, body }`, or with undefined if
 * the connection broke, `patience` milliseconds have passed, or no connection is free.
 */
export function openWire(url, { connections, patience }) {
  const { hostname, port } = new URL(url)
  const idle = new Set()
  const open = new Set()

  function add() {
    const connection = { socket: connect({ host: hostname, port: Number(port), noDelay: true }), text: '' }
    open.add(connection)
    const { socket } = connection
    socket.setEncoding('latin1')
    socket.on('data', (text) => {
      connection.text = connection.text === '' ? text : connection.text + text
      const answer = readAnswer(connection.text)
      if (answer === undefined) return
      connection.text = ''
      const { call } = connection
      connection.call = undefined
      if (answer.close) socket.destroy()
      else idle.add(connection)
      settle(call, answer)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      open.delete(connection)
      const { call } = connection
      connection.call = undefined
      if (call) settle(call, undefined)
      else idle.delete(connection)
    })
    return connection
  }

  function start(connection, call) {
    connection.call = call
    call.connection = connection
    connection.socket.write(call.bytes, 'latin1')
  }

  function settle(call, answer) {
    if (call.settled) return
    call.settled = true
    clearTimeout(call.timer)
    call.done(answer)
  }

  return {
    send(bytes, done) {
      const call = { bytes, done, settled: false, connection: undefined, timer: undefined }
      call.timer = setTimeout(() => {
        settle(call, undefined)
        call.connection?.socket.destroy()
      }, patience)
      const [connection] = idle
      if (connection) {
        idle.delete(connection)
        start(connection, call)
      } else if (open.size < connections) start(add(), call)
      else settle(call, undefined)
    },
    open: () => open.size,
    close() {
      for (const { socket } of open) socket.destroy()
    },
  }
}

function readAnswer(text) {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = text.slice(0, end)
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
  if (text.length < end + 4 + length) return undefined
  return {
    status: Number(head.slice(9, 12)),
    head,
    body: text.slice(end + 4, end + 4 + length),
    close: /\r\nconnection: close/i.test(head),
  }
}
