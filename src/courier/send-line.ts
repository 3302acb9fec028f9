const TIME_LIMIT_MS = 2_000

/**
 * Writes one JSON line to a Unix socket and closes it. `handed`: the other side has read to the end, and closed too;
 * `refused`: nobody listens there; `unknown`: neither within two seconds.
 */
export function sendLine(path: string, value: object): Promise<'handed' | 'refused' | 'unknown'> {
  const { connect } = process.getBuiltinModule('node:net') // dear to load, and only a courier sends
  return new Promise((resolve) => {
    let written = false
    const socket = connect(path, () => {
      written = true
      socket.end(`${JSON.stringify(value)}\n`)
    })
    socket.setTimeout(TIME_LIMIT_MS, () => socket.destroy())
    socket.on('end', () => resolve('handed'))
    socket.on('error', () => resolve(written ? 'unknown' : 'refused'))
    socket.on('close', () => resolve(written ? 'unknown' : 'refused'))
    socket.resume()
  })
}
