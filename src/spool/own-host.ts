/** host.json in the state directory: who this host is. mailbox-spec §10 */

import * as path from 'node:path'
import { isName } from '../protocol/address.ts'
import { isHostId } from '../protocol/host.ts'
import { createWhole, readJson, replaceFile } from './disk.ts'
import { machineId } from './process.ts'

/**
 * `machine`: a hash of the machine's own id. `replaces`: the id that this host had before it lost its state directory.
 * `formerly`: the labels that it had before, which stay its own.
 */
export type OwnHost = {
  label: string
  host_id: string
  machine?: string
  replaces?: string
  formerly?: string[]
}

/** What host.json says, as far as it is right: all of it, some, or nothing. */
export function readOwnHost(state: string): Partial<OwnHost> {
  const it = (readJson(fileOf(state)) ?? {}) as Partial<OwnHost>
  const ids = ['host_id', 'machine', 'replaces'] as const
  return {
    ...(isName(it.label) && { label: it.label }),
    ...Object.fromEntries(ids.filter((key) => isHostId(it[key])).map((key) => [key, it[key]])),
    ...(Array.isArray(it.formerly) && { formerly: it.formerly.filter(isName) }),
  }
}

/** Makes host.json where it is missing, and completes one that gives no label or no id; returns what is there then. */
export function makeOwnHost(state: string, wanted: Partial<OwnHost>, temporary: () => string): OwnHost {
  const host = newOwnHost({ ...wanted, ...readOwnHost(state) })
  if (!createWhole(temporary(), fileOf(state), format(host)) && !isWhole(state))
    replaceOwnHost(state, host, temporary())
  return { ...host, ...readOwnHost(state) }
}

/** Fills up what is missing with a new id, and with this machine. */
export function newOwnHost(known: Partial<OwnHost>): OwnHost {
  return { label: 'host', host_id: randomHex(16), machine: machineMark(), ...known }
}

/** Replaces host.json: this host has another label, or is another one from now on. */
export function replaceOwnHost(state: string, host: OwnHost, temporary: string): void {
  replaceFile(temporary, fileOf(state), format(host), true)
}

function isWhole(state: string): boolean {
  const { label, host_id } = readOwnHost(state)
  return label !== undefined && host_id !== undefined
}

/** Tells this machine from others; undefined where it has no id. */
export function machineMark(): string | undefined {
  const id = machineId()
  return id === undefined ? undefined : hash(`repowire machine\n${id}`)
}

/** Tells this state directory of this machine from all others; undefined where the machine has no id. */
export function placeMark(state: string): string | undefined {
  const id = machineId()
  return id === undefined ? undefined : hash(`repowire place\n${id}\n${path.resolve(state)}`)
}

export function randomHex(bytes: number): string {
  return process.getBuiltinModule('node:crypto').randomBytes(bytes).toString('hex')
}

function hash(text: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex').slice(0, 32)
}

function fileOf(state: string): string {
  return path.join(state, 'host.json')
}

function format(host: OwnHost): string {
  return `${JSON.stringify(host)}\n`
}
