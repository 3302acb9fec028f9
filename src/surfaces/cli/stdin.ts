/** Stands for a lone "-", which means standard input, while the command line is parsed: cac drops it. */
export const STDIN = '\0-'
