const TIME_LIMIT_MS = 2_000

type Handed = 'handed' | 'refused' | 'unknown'

/**
 * Writes one JSON line to a Unix socket and closes it. `handed`: the other side has read to the end, and closed too;
 * `refused`: nobody listens there; `unknown`: neither within two seconds.
 */
export function sendLine(path: string, value: object): Promise<Handed> {
  return send(path, `${JSON.stringify(value)}\n`)
}

/** The same with nothing: connections are taken up in turn, so where this one is `handed`, what was sent before it has been read. */
export function knock(path: string): Promise<Handed> {
  return send(path, '')
}

function send(path: string, text: string): Promise<Handed> {
  const { connect } = process.getBuiltinModule('node:net') // dear to load, and only a courier sends
  return new Promise((resolve) => {
    let written = false
    const socket = connect(path, () => {
      written = true
      socket.end(text)
    })
    socket.setTimeout(TIME_LIMIT_MS, () => socket.destroy())
    socket.on('end', () => resolve('handed'))
    socket.on('error', () => resolve(written ? 'unknown' : 'refused'))
    socket.on('close', () => resolve(written ? 'unknown' : 'refused'))
    socket.resume()
  })
}
