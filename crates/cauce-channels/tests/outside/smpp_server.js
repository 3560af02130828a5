// An SMPP server: npm `smpp`. It prints its port, then a line of JSON for every command it is sent.
// Destinations that end in 444 are throttled, 333 refused, 555 met by a full queue, 000 unknown,
// 111 never answered; 222 has its receipt before its answer.
const smpp = require('smpp')

const say = (what) => process.stdout.write(JSON.stringify(what) + '\n')
const statuses = { 444: 0x58, 333: 0x45, 555: 0x14, '000': 0x0b }
const form = process.argv[2] || 'hex'
let number = Number(process.argv[3] || 0x1a2b)

function receipt(session, pdu, id) {
  const dotted = form === 'hex' ? parseInt(id, 16).toString().padStart(10, '0') : id
  session.deliver_sm({
    esm_class: 4,
    source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr,
    short_message: {
      message: `id:${dotted} sub:001 dlvrd:001 submit date:2611291810 done date:2611291811 ` +
        'stat:DELIVRD err:000 text:hello',
    },
  }, (answer) => say({ command: answer.command, status: answer.command_status, about: id }))
}

let newest
// A line of JSON on the input is a text that somebody writes: from, to, text.
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const said = JSON.parse(line)
  newest.deliver_sm({
    source_addr: said.from,
    source_addr_ton: 1,
    source_addr_npi: 1,
    destination_addr: said.to,
    dest_addr_ton: 1,
    dest_addr_npi: 1,
    short_message: said.text,
  }, (answer) => say({ command: answer.command, status: answer.command_status, about: said.text }))
}).on('close', () => process.exit(0))

const server = smpp.createServer((session) => {
  newest = session
  session.on('error', () => {})
  session.on('pdu', (pdu) => {
    const text = pdu.short_message || pdu.message_payload
    say({
      command: pdu.command,
      sequence: pdu.sequence_number,
      system_id: pdu.system_id,
      password: pdu.password,
      version: pdu.interface_version,
      from: pdu.source_addr,
      from_ton: pdu.source_addr_ton,
      to: pdu.destination_addr,
      to_ton: pdu.dest_addr_ton,
      to_npi: pdu.dest_addr_npi,
      esm: pdu.esm_class,
      coding: pdu.data_coding,
      registered: pdu.registered_delivery,
      validity: pdu.validity_period,
      text: text && text.message,
      header: text && text.udh && text.udh.map((part) => part.toString('hex')),
      sar: [pdu.sar_msg_ref_num, pdu.sar_segment_seqnum, pdu.sar_total_segments],
    })
    if (pdu.command.startsWith('bind_')) {
      const known = pdu.system_id === 'cauce' && pdu.password === 'secret'
      session.send(pdu.response({ command_status: known ? 0 : 0x0e, system_id: 'npm' }))
    } else if (pdu.command === 'submit_sm') {
      const last = pdu.destination_addr.slice(-3)
      if (last === '111') return
      const status = statuses[last]
      if (status) return session.send(pdu.response({ command_status: status }))
      const id = (number++).toString(16).toUpperCase()
      if (last === '222') receipt(session, pdu, id)
      session.send(pdu.response({ message_id: id }))
      if (last !== '222' && pdu.registered_delivery) receipt(session, pdu, id)
    } else if (pdu.command === 'unbind') {
      session.send(pdu.response())
      session.close()
    } else if (pdu.command === 'enquire_link') {
      session.send(pdu.response())
    }
  })
})
server.listen(0, '127.0.0.1', () => process.stdout.write(server.address().port + '\n'))
