// What a shop's page reports with Segment's own library for browsers. It is bundled for a browser as
// a shop would bundle it; ui/e2e/page-that-reports.spec.ts calls what it leaves at the window.
import { AnalyticsBrowser } from '@segment/analytics-next'

const reporting = { failed: [] }

// `batched`: many calls in one request, as the library sends them where it is told to.
reporting.begin = async ({ address, key, batched }) => {
  const deliveryStrategy = batched
    ? { strategy: 'batching', config: { size: 3, timeout: 500 } }
    : { strategy: 'standard', config: {} }
  reporting.analytics = new AnalyticsBrowser()
  reporting.analytics.load(
    { writeKey: key, cdnURL: address },
    { integrations: { 'Segment.io': { deliveryStrategy } } },
  )
  reporting.analytics.on('error', (error) => reporting.failed.push(String(error.code)))
  await reporting.analytics.ready()
}

reporting.visit = async ({ user, email }) => {
  const { analytics } = reporting
  await analytics.page('Kettles', { shelf: 'top' })
  await analytics.track('looked', { item: 'Kettle' })
  await analytics.identify(user, { email, plan: 'gold' })
  await analytics.track('ordered', { total: 12.5 })
  await analytics.group('club', { seats: 3 })
  return { anonymous: (await analytics.user()).anonymousId() }
}

window.reporting = reporting
