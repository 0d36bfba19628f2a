import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'
import { ROOT } from '../../scripts/tools.ts'

/** What the tests need to know of a Markdown node. */
export interface Markdown {
  readonly type: string
  readonly value?: string
  readonly url?: string
  readonly lang?: string | null | undefined
  readonly children?: readonly Markdown[]
}

/** The text of a file of the project. */
export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** A page of the project, as GitHub reads it. */
export const parsePage = (path: string): Markdown =>
  unified().use(remarkParse).use(remarkGfm).parse(read(path))

/** All nodes of a type in a node, and the node itself if it is one, in the order of the page. */
export const find = (node: Markdown, type: string): Markdown[] => [
  ...(node.type === type ? [node] : []),
  ...(node.children ?? []).flatMap((child) => find(child, type)),
]

/** The text that a reader sees of a node. */
export const textOf = (node: Markdown): string =>
  node.value ?? (node.children ?? []).map(textOf).join('')
