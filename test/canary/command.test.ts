import { expect, it } from 'vitest'
import { deleteCommand } from '../../src/canary/command.ts'

it('writes the command that deletes the queue', () => {
  expect(deleteCommand('http://n1:9324', 'c.fifo', 'us-east-1', false)).toBe(
    'aws sqs delete-queue --endpoint-url http://n1:9324 --region us-east-1 --no-sign-request --queue-url http://n1:9324/c.fifo',
  )
  expect(deleteCommand('https://[::1]:1/base/', 'c.fifo', 'eu-west-1', true)).toBe(
    'aws sqs delete-queue --endpoint-url https://[::1]:1/base --region eu-west-1 --queue-url https://[::1]:1/base/c.fifo',
  )
})

it('writes none with a word that could run in a shell', () => {
  expect(deleteCommand('http://n1:9324', 'c.fifo', 'x; reboot', false)).toBe('')
  expect(deleteCommand('http://n1:9324/$(reboot)', 'c.fifo', 'x', false)).toBe('')
  expect(deleteCommand('http://n1:9324', 'c.fifo', '--profile', false)).toBe('')
})
