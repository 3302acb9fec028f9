/** A text by which a torn file is seen: of another length each time, and with an end. */
export function bodyOf(n: number): string {
  return `${'x'.repeat((n * 977) % 9000)} ${n} END`
}
