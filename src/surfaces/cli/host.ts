import { ensureCourier } from '../../courier/start.ts'
import { stopCourier } from '../../courier/stop.ts'
import { RepowireError } from '../../protocol/errors.ts'
import { otherHosts } from '../../spool/hosts.ts'
import { forgetMissing } from '../../spool/root-missing.ts'
import { locateTree, lookEvenIfTaken, openTree, type Tree } from '../../spool/tree.ts'
import { renameHost } from '../../verbs/rename-host.ts'
import { agentAbove } from '../../verbs/sender.ts'
import { EXIT } from './exit-codes.ts'
import { homely, say, sayJson } from './print.ts'

/**
 * rename: this machine gets another label, its sessions and their mail with it. The courier is another one then. begin-anew: makes the root that is
 * missing (root-missing).
 */
export async function hostCommand(action: string, label: string | undefined, json: boolean): Promise<number> {
  if (action === 'begin-anew' && label === undefined) return beginAnew(json)
  if (action !== 'rename' || label === undefined)
    throw new RepowireError(
      'bad-input',
      'There are only "rename", with a label, and "begin-anew".',
      'repowire host rename laptop',
    )
  const before = lookEvenIfTaken(process.env)
  refuseAgent(before)
  await stopCourier(before)
  const { tree, moved, left } = renameHost(before, label)
  ensureCourier(tree)
  const names = [moved, left].map((cards) => cards.map(({ address }) => address))
  if (json) sayJson({ host: tree.host, moved: names[0], left: names[1] })
  else
    say(
      `This machine is the host "${tree.host}" now.${saysMoved(names[0])}${saysLeft(names[1])}${saysAllow(tree)}`,
    )
  return EXIT.done
}

function beginAnew(json: boolean): number {
  const before = locateTree(process.env)
  if (!forgetMissing(before))
    throw new RepowireError(
      'bad-input',
      `${before.root} is not missing.`,
      'Use it as it is. To remove it with all mail in it: repowire uninstall --purge',
    )
  const { root } = openTree(process.env)
  if (json) sayJson({ root })
  else say(`${homely(root)} is a new mailbox, and nothing is in it.`)
  return EXIT.done
}

function refuseAgent(tree: Tree): void {
  const agent = agentAbove(tree, process.ppid)
  if (agent === undefined) return
  throw new RepowireError(
    'agent-may-not',
    `This runs inside of ${agent.address}: an agent must not change for its user what its machine is called.`,
    'Run it in a shell of your own.',
  )
}

/** What was agreed to there was the former label. */
function saysAllow(tree: Tree): string {
  const others = otherHosts(tree)
  return others.length === 0
    ? ''
    : `\nOn ${others.join(', ')}, to take its mail: repowire hosts allow ${tree.host}`
}

function saysMoved(names: string[] = []): string {
  return names.length === 0 ? '' : `\nTheir mail came along: ${names.join(', ')}.`
}

function saysLeft(names: string[] = []): string {
  return names.length === 0
    ? ''
    : `\nStart these sessions again, they had the label of another machine: ${names.join(', ')}.`
}
