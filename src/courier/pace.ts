type Bucket = { tokens: number; at: number }

/** How often something may be done for each name: so many at once, and then one in so many ms. In memory only. */
export function makePace({ burst, everyMs }: { burst: number; everyMs: number }) {
  const buckets = new Map<string, Bucket>()
  const bucket = (name: string): Bucket => {
    const now = performance.now()
    const { tokens, at } = buckets.get(name) ?? { tokens: burst, at: now }
    const filled = { tokens: Math.min(burst, tokens + (now - at) / everyMs), at: now }
    buckets.set(name, filled)
    return filled
  }
  const put = (name: string, tokens: number) => void buckets.set(name, { tokens, at: performance.now() })
  return {
    /** In how many ms there is a turn; 0: now. */
    wait: (name: string) => Math.ceil(Math.max(0, 1 - bucket(name).tokens) * everyMs),
    take: (name: string) => put(name, bucket(name).tokens - 1),
    /** It was too often after all. */
    empty: (name: string) => put(name, 1 - burst),
  }
}
