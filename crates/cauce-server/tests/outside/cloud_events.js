// Orders of a shop as CloudEvents, told by the SDK of the CloudEvents project in each of its modes:
// cloud_events.js ADDRESS KEY
const { CloudEvent, HTTP, emitterFor, httpTransport } = require('cloudevents')

const [address, key] = process.argv.slice(2)
const url = `${address}/v1/events`
const headers = { authorization: `Bearer ${key}` }
const order = (n, more) =>
  new CloudEvent({
    id: `order ${n} €`,
    source: '/shop',
    type: 'order_completed',
    time: '2026-11-20T10:00:00Z',
    data: { total: n },
    ...more,
  })

const said = []

async function ask(message) {
  const body = typeof message.body === 'string' ? message.body : JSON.stringify(message.body)
  const answer = await fetch(url, { method: 'POST', headers: { ...message.headers, ...headers }, body })
  said.push({ status: answer.status, body: await answer.json() })
}

async function main() {
  // The header of a value beyond ASCII is encoded with percents, as the binding says.
  const binary = HTTP.binary(order(1, { subject: 'ana' }))
  binary.headers['ce-id'] = encodeURIComponent(binary.headers['ce-id'])
  await ask(binary)
  await ask(HTTP.structured(order(2, { subject: 'ana', email: 'ana@example.com' })))
  // The same once more: its id and its source say so.
  await ask(HTTP.structured(order(2, { subject: 'ana' })))
  // Its id, of another source: another event.
  await ask(HTTP.structured(order(2, { subject: 'ana', source: '/till' })))
  const batch = [3, 4].map((n) => JSON.parse(HTTP.structured(order(n, { subject: 'user_id:bo' })).body))
  await ask({ headers: { 'content-type': 'application/cloudevents-batch+json' }, body: batch })
  await ask(HTTP.structured(order(5, {})))
  // As a program sends them that only knows the SDK.
  const bearing = ({ headers: own, body }) => httpTransport(url)({ headers: { ...own, ...headers }, body })
  const answer = await emitterFor(bearing)(order(6, { id: 'order 6', subject: 'bo' }))
  said.push({ status: 202, body: JSON.parse(answer.body) })
  console.log(JSON.stringify(said))
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
