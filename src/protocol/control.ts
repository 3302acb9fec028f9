/** What acts on a terminal, or turns the order of what a person reads. */

// C0 without the newline, DEL, C1, line separators, direction marks, isolates and overrides.
export const CONTROL =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
