import { readdir, readFile } from 'node:fs/promises'

/** The pids of the processes whose environment names the directory; Linux only. */
export async function processesOf(tmp: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const environments = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')),
  )
  return pids.filter((_, n) => environments[n]?.includes(tmp))
}
