import type { Element, Nodes, Root } from 'hast'
import rehypeRaw from 'rehype-raw'
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'
import { expect } from 'vitest'

const renderer = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(remarkRehype, { allowDangerousHtml: true })
  .use(rehypeRaw)
  .use(rehypeSanitize, defaultSchema)

/** Renders Markdown as GitHub does: GitHub-flavoured, with HTML, sanitised. */
export const renderHtml = (markdown: string): Root => renderer.runSync(renderer.parse(markdown))

/** Visits a node and all nodes in it, and tells whether each is in inline code. */
export function walk(
  node: Nodes,
  visit: (node: Nodes, inCode: boolean) => void,
  inCode = false,
): void {
  visit(node, inCode)
  if (!('children' in node)) return
  const code = inCode || (node.type === 'element' && node.tagName === 'code')
  for (const child of node.children) walk(child, visit, code)
}

/** All elements of a name, in the order of the page. */
export function findElements(tree: Nodes, tag: string): Element[] {
  const found: Element[] = []
  walk(tree, (node) => {
    if (node.type === 'element' && node.tagName === tag) found.push(node)
  })
  return found
}

/** The elements of every summary; no link, no image. */
const OWN = 'h2 h3 p strong ul li code table thead tbody tr th td'.split(' ')

/** GitHub turns these into links or pictures wherever they are not code; the words are those of the attacks. */
const LIVE = /@[a-z]|#\d|GH-\d|https?:|www\.|:[a-z]+:|\$\S+\$|octo|invalid|alert|heading|bold/i

/**
 * What must hold for every summary, whoever wrote what is in it: one heading, no markup that somebody else wrote, and all
 * cells in each row of its tables. Returns what a reader sees.
 *
 * @param others the elements that a summary has beside those of every summary
 */
export function checkSummary(markdown: string, others: readonly string[] = []): Root {
  const own = new Set([...OWN, ...others])
  const tree = renderHtml(markdown)
  walk(tree, (node, inCode) => {
    // Without `expect`, which takes most of the time for so many nodes.
    if (node.type === 'element' && !own.has(node.tagName)) throw new Error(`a ${node.tagName}`)
    if (node.type === 'comment') throw new Error('a comment')
    if (node.type !== 'text' || inCode) return
    if (LIVE.test(node.value)) throw new Error(`not in code: ${node.value}`)
  })
  expect(findElements(tree, 'h2')).toHaveLength(1)
  for (const table of findElements(tree, 'table')) {
    const width = findElements(table, 'th').length
    for (const row of findElements(table, 'tr').slice(1)) {
      expect(findElements(row, 'td')).toHaveLength(width)
    }
  }
  return tree
}
