import { livingCourier } from '../../courier/courier-file.ts'
import { complain } from '../../courier/log.ts'
import { runCourier } from '../../courier/run.ts'
import { ensureCourier } from '../../courier/start.ts'
import { stopCourier } from '../../courier/stop.ts'
import { RepowireError } from '../../protocol/errors.ts'
import { existingTree, locateTree, lookTree, openTree, type Tree } from '../../spool/tree.ts'
import { daemonLogs } from './daemon-logs.ts'
import { EXIT } from './exit-codes.ts'
import { say, sayJson } from './print.ts'

const PATIENCE_MS = 5_000

type Options = { json: boolean; follow: boolean; stay: boolean }

/**
 * run: be the courier, in the foreground. start, stop: a detached one. status: exit 0 where one lives, else 5. logs: what
 * couriers wrote of themselves.
 */
export async function daemonCommand(action: string, options: Options): Promise<number> {
  if (action === 'run') return await run(existingTree(process.env), options.stay)
  if (action === 'logs') return await daemonLogs(lookTree(process.env), options)
  if (action === 'start') return await start(openTree(process.env), options.json)
  if (action === 'stop') return await stop(locateTree(process.env), options.json)
  if (action === 'status') return status(lookTree(process.env), options.json)
  throw new RepowireError(
    'unknown-command',
    `There is no "repowire daemon ${action}".`,
    'Use run, start, stop, status or logs.',
  )
}

/** Makes no tree: one that was removed while a courier was being started must stay removed. */
async function run(tree: Tree | undefined, stay: boolean): Promise<number> {
  if (tree === undefined) {
    throw new RepowireError(
      'bad-root',
      `There is no mailbox at ${lookTree(process.env).root}.`,
      'Run: repowire setup',
    )
  }
  const end = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => end.abort(signal))
  process.on('uncaughtExceptionMonitor', (error) => complain(tree, undefined, error))
  const demanded = process.env.REPOWIRE_STARTED_BY
  const by = stay ? 'a service manager' : (demanded ?? 'hand')
  const ran = await runCourier(tree, end.signal, { stay, by })
  if (!ran && demanded === undefined)
    process.stderr.write('repowire: a courier of this build is running already\n')
  return ran && stay && end.signal.reason === 'SIGHUP' ? EXIT.again : EXIT.done
}

async function start(tree: Tree, json: boolean): Promise<number> {
  await startCourier(tree)
  return status(tree, json)
}

/** Starts a courier where none lives and waits until it has published its name. Errors: courier-start. */
export async function startCourier(tree: Tree): Promise<void> {
  ensureCourier(tree)
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; ) {
    if (livingCourier(tree) !== undefined) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new RepowireError(
    'courier-start',
    'The courier did not come up.',
    'Run: repowire daemon logs, or repowire daemon run.',
  )
}

async function stop(tree: Tree, json: boolean): Promise<number> {
  const stopped = await stopCourier(tree)
  if (json) sayJson({ stopped })
  else
    say(
      stopped
        ? 'The courier has stopped; mail waits until the next session or question starts one.'
        : 'No courier was running.',
    )
  return EXIT.done
}

function status(tree: Tree, json: boolean): number {
  const courier = livingCourier(tree)
  if (json) sayJson(courier ?? null)
  else
    say(
      courier === undefined
        ? 'No courier is running; the next session or question starts one.'
        : `The courier runs: pid ${courier.process.pid}, version ${courier.version}, since ${courier.since}.`,
    )
  return courier === undefined ? EXIT.notRunning : EXIT.done
}
