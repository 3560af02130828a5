// npm install @segment/analytics-node
// CAUCE_KEY=cw_… node shop.js
const { Analytics } = require('@segment/analytics-node')

const analytics = new Analytics({
  host: process.env.CAUCE_SERVER ?? 'http://127.0.0.1:7070',
  writeKey: process.env.CAUCE_KEY,
})

analytics.identify({
  userId: '7',
  traits: { email: 'ana@example.com', first_name: 'Ana', timezone: 'Europe/Madrid' },
})
analytics.track({
  userId: '7',
  event: 'order_completed',
  properties: { total: 89, item: 'Copper kettle' },
})
analytics.closeAndFlush()
