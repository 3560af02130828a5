// People of a shop, told by Segment's SDK for Node: people.js ADDRESS KEY PEOPLE
const { Analytics } = require('@segment/analytics-node')

const [host, writeKey, people] = process.argv.slice(2)
const analytics = new Analytics({
  host,
  writeKey,
  flushAt: 9,
  flushInterval: 200,
  maxRetries: 30,
})
let failed = 0
analytics.on('error', (error) => {
  failed += 1
  console.error(error)
})

for (let n = 0; n < Number(people); n += 1) {
  const userId = `u${n}`
  const anonymousId = `a${n}`
  analytics.track({ anonymousId, event: 'browsed', properties: { shelf: 'pans' } })
  analytics.identify({ userId, traits: { email: `${userId}@example.com`, plan: 'gold' } })
  analytics.alias({ userId, previousId: anonymousId })
  for (let total = 1; total <= 10; total += 1) {
    analytics.track({ userId, event: 'ordered', properties: { total } })
  }
  analytics.page({ userId, name: 'Home', properties: { path: '/' } })
  analytics.screen({ userId, name: 'Basket' })
  analytics.group({ userId, groupId: 'kettles', traits: { seats: 3 } })
}

analytics.closeAndFlush({ timeout: 120000 }).then(() => {
  process.exit(failed === 0 ? 0 : 1)
})
