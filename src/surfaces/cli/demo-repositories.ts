/** The two example repositories of the demonstration, as data: line by line, or a bundle would be taken for what they are. */

import * as path from 'node:path'
import { makeDirectory, writeNew } from '../../spool/disk.ts'

const FRONTEND = {
  'README.md': ['# shop-frontend', '', 'The web shop. It talks to the API of shop-backend.', ''],
  'src/api.ts': [
    '// Which port the API listens on, and how a request says who it is, is decided in shop-backend.',
    "const API = process.env.SHOP_API ?? 'http://localhost:TODO'",
    '',
    'export async function order(basket: string[]): Promise<Response> {',
    "  return await fetch(API + '/orders', { method: 'POST', body: JSON.stringify({ basket }) })",
    '}',
    '',
  ],
  'src/basket.ts': [
    'export type Basket = { articles: string[] }',
    '',
    'export function add(basket: Basket, article: string): Basket {',
    '  return { articles: [...basket.articles, article] }',
    '}',
    '',
  ],
}

const BACKEND = {
  'README.md': ['# shop-backend', '', 'Orders and prices of the shop.', ''],
  'server/config.ts': [
    'export const config = {',
    '  port: 4810, // the API listens on this port',
    "  database: 'postgres://localhost/shop',",
    "  authHeader: 'x-shop-token', // every request to the API must have it",
    '}',
    '',
  ],
  'server/routes.ts': [
    "import { config } from './config.ts'",
    '',
    'export const routes = {',
    "  'GET /articles': 'listArticles',",
    "  'POST /orders': 'createOrder', // 401 without the header of config.authHeader",
    '}',
    '',
    'export function isAllowed(headers: Record<string, string>): boolean {',
    '  return headers[config.authHeader] !== undefined',
    '}',
    '',
  ],
}

export type Repositories = { frontend: string; backend: string }

/** Writes both repositories below `directory`; each is one to git, with nothing committed. */
export function writeRepositories(directory: string): Repositories {
  const [frontend, backend] = [path.join(directory, 'shop-frontend'), path.join(directory, 'shop-backend')]
  write(frontend, FRONTEND)
  write(backend, BACKEND)
  return { frontend, backend }
}

function write(directory: string, files: Record<string, string[]>): void {
  for (const dir of ['.git/objects', '.git/refs']) makeDirectory(path.join(directory, dir))
  writeNew(path.join(directory, '.git/HEAD'), 'ref: refs/heads/main\n')
  for (const [file, lines] of Object.entries(files)) writeNew(path.join(directory, file), lines.join('\n'))
}
