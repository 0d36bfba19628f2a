import { expect, it } from 'vitest'
import { deleteCommand, moveCommand } from '../../src/canary/commands.ts'
import { twoGroups } from './support/fake-cluster.ts'

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

it('writes the command that moves a leader to another node of its group', () => {
  expect(moveCommand(twoGroups(1, 1))).toBe(
    'RAFTADMIN_ALLOW_INSECURE=true raftadmin 10.0.0.1:50061 leadership_transfer_to_server n2 10.0.0.2:50061',
  )
  expect(moveCommand([])).toBe('')
})

it('names another node where the leader told no Raft id', () => {
  const anonymous = twoGroups(1, 1).map((one) => ({
    ...one,
    leader: { id: '', address: one.leader?.address ?? '' },
  }))
  expect(moveCommand(anonymous)).toBe(
    'RAFTADMIN_ALLOW_INSECURE=true raftadmin 10.0.0.1:50061 leadership_transfer_to_server n2 10.0.0.2:50061',
  )
})

it('leaves to the reader what is not known of the other node', () => {
  const unknown = twoGroups(1, 1).map((one) => ({ ...one, member: null }))
  expect(moveCommand(unknown)).toBe(
    'RAFTADMIN_ALLOW_INSECURE=true raftadmin 10.0.0.1:50061 leadership_transfer_to_server OTHER_ID OTHER_RAFT_ADDRESS',
  )
})

it.each(['$(reboot)', 'n1; reboot', '--help', 'n1\nreboot', '`x`', ''])(
  'writes no foreign text %j that could run in a shell',
  (text) => {
    const hostile = twoGroups(1, 1).map((one) => ({
      ...one,
      member: { id: text, address: text },
      leader: { id: 'n1', address: one.leader?.address ?? '' },
    }))
    expect(moveCommand(hostile)).toMatch(
      /^RAFTADMIN_ALLOW_INSECURE=true raftadmin 10\.0\.0\.1:50061 leadership_transfer_to_server SEE_REPORT SEE_REPORT$/,
    )
  },
)
