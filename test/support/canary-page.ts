import type { Nodes, Root } from 'hast'
import rehypeRaw from 'rehype-raw'
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'
import { expect } from 'vitest'

/** Renders as GitHub does: GitHub-flavoured Markdown with HTML, sanitised. */
const renderer = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(remarkRehype, { allowDangerousHtml: true })
  .use(rehypeRaw)
  .use(rehypeSanitize, defaultSchema)

/** The elements of the canary's own; no link, no image. */
const OWN = new Set('h2 h3 p strong ul li code table thead tbody tr th td'.split(' '))

function walk(node: Nodes, visit: (node: Nodes, inCode: boolean) => void, inCode = false): void {
  visit(node, inCode)
  if (!('children' in node)) return
  const code = inCode || (node.type === 'element' && node.tagName === 'code')
  for (const child of node.children) walk(child, visit, code)
}

function count(tree: Nodes, tag: string): number {
  let found = 0
  walk(tree, (node) => {
    if (node.type === 'element' && node.tagName === tag) found++
  })
  return found
}

/**
 * Checks that nothing in a summary of the canary is markup that somebody else wrote, and that each row of its tables has
 * all cells.
 */
export function checkCanarySummary(markdown: string): void {
  const tree: Root = renderer.runSync(renderer.parse(markdown))
  walk(tree, (node, inCode) => {
    if (node.type === 'element') {
      expect(OWN).toContain(node.tagName)
      if (node.tagName === 'table') {
        const width = count(node, 'th')
        const rows = count(node, 'tr') - 1
        expect(count(node, 'td')).toBe(width * rows)
      }
    }
    if (node.type === 'comment') throw new Error('a comment')
    if (node.type !== 'text' || inCode) return
    // GitHub turns these into links or pictures wherever they are not code.
    expect(node.value).not.toMatch(/@[a-z]|#\d|GH-\d|https?:|www\.|:[a-z]+:|\$\S+\$/i)
    expect(node.value).not.toMatch(/octo|invalid|alert|heading|bold/)
  })
  expect(count(tree, 'h2')).toBe(1)
}
