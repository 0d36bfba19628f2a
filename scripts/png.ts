import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
const COLORS = 256

/**
 * Makes a screenshot small: writes an RGB PNG with a palette of its 256 most frequent colors, the others as the nearest
 * of them. Reads what Chromium writes, 8 bits, RGB, not interlaced, and throws at anything else.
 */
export function shrinkPng(png: Buffer): Buffer {
  const chunks = readChunks(png)
  const header = chunks.find(({ type }) => type === 'IHDR')?.data
  if (header === undefined || header.subarray(8).toString('hex') !== '0802000000') {
    throw new Error('expected a PNG with 8 bits, RGB, not interlaced')
  }
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const packed = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data))
  const pixels = unfilter(inflateSync(packed), width * 3, height)
  const colors = Array.from({ length: width * height }, (_, at) => pixels.readUIntBE(at * 3, 3))
  const palette = frequentColors(colors)
  const index = new Map(palette.map((color, at) => [color, at]))
  const rows = Buffer.alloc((width + 1) * height)
  for (const [at, color] of colors.entries()) {
    let place = index.get(color)
    if (place === undefined) {
      place = nearest(palette, color)
      index.set(color, place)
    }
    rows[at + 1 + Math.floor(at / width)] = place
  }
  const table = Buffer.from(palette.flatMap(channels))
  const indexed = Buffer.from(header)
  indexed[9] = 3
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', indexed),
    chunk('PLTE', table),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

interface Chunk {
  readonly type: string
  readonly data: Buffer
}

function readChunks(png: Buffer): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    chunks.push({ type, data: png.subarray(at + 8, at + 8 + length) })
    at += length + 12
  }
  return chunks
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** Undoes the filters of the rows (PNG specification, 9.2); three bytes make a pixel. */
function unfilter(data: Buffer, stride: number, height: number): Buffer {
  const out = Buffer.alloc(stride * height)
  for (let row = 0; row < height; row++) {
    const filter = data[row * (stride + 1)]
    for (let column = 0; column < stride; column++) {
      const at = row * stride + column
      const left = column < 3 ? 0 : (out[at - 3] ?? 0)
      const up = row === 0 ? 0 : (out[at - stride] ?? 0)
      const corner = column < 3 || row === 0 ? 0 : (out[at - stride - 3] ?? 0)
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0
      out[at] = ((data[row * (stride + 1) + 1 + column] ?? 0) + guess) & 0xff
    }
  }
  return out
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  if (a <= b && a <= c) return left
  return b <= c ? up : corner
}

function frequentColors(colors: readonly number[]): number[] {
  const counts = new Map<number, number>()
  for (const color of colors) counts.set(color, (counts.get(color) ?? 0) + 1)
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  return sorted.slice(0, COLORS).map(([color]) => color)
}

const channels = (color: number) => [color >> 16, (color >> 8) & 0xff, color & 0xff]

function nearest(palette: readonly number[], color: number): number {
  const wanted = channels(color)
  const distances = palette.map((other) =>
    channels(other).reduce((sum, value, at) => sum + (value - (wanted[at] ?? 0)) ** 2, 0),
  )
  return distances.indexOf(Math.min(...distances))
}
