// What a shop's page does with the token of its visitor. It is bundled for a browser as a shop would
// bundle it; ui/e2e/shop-page.spec.ts calls what it leaves at the window.
import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk'
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider'

const shop = { flagged: [], heard: [], deaf: false }

// The look-up; `tag` is what the page knows already.
shop.look = async ({ address, token, person, tag }) => {
  const headers = { authorization: `Bearer ${token}` }
  if (tag) headers['if-none-match'] = tag
  try {
    const answer = await fetch(`${address}/v1/lookup?alias=${person}`, { headers })
    const text = await answer.text()
    const body = text ? JSON.parse(text) : null
    return { status: answer.status, tag: answer.headers.get('etag'), body }
  } catch (error) {
    return { refused: String(error) }
  }
}

// Flags by OpenFeature's SDK; whenever it says that they changed, what one of them says then.
shop.flags = async ({ address, token, person }) => {
  const headers = [['Authorization', `Bearer ${token}`]]
  const provider = new OFREPWebProvider({ baseUrl: address, headers, pollInterval: 200 })
  const client = OpenFeature.getClient()
  client.addHandler(ProviderEvents.ConfigurationChanged, () => {
    shop.flagged.push({ gold: client.getBooleanValue('segment.gold', false), at: Date.now() })
  })
  await OpenFeature.setContext({ targetingKey: person })
  const failed = await OpenFeature.setProviderAndWait(provider).then(() => null, String)
  const said = ({ value, reason, errorCode }) => ({ value, reason, error: errorCode ?? null })
  return {
    failed,
    gold: said(client.getBooleanDetails('segment.gold', false)),
    price: said(client.getStringDetails('price', 'none')),
    absent: said(client.getBooleanDetails('segment.absent', true)),
  }
}

// The look-up that goes on, by the browser's own EventSource.
shop.listen = ({ address, token }) => {
  const source = new EventSource(`${address}/v1/lookup/live?token=${token}`)
  source.addEventListener('lookup', (event) => {
    const segments = Object.keys(JSON.parse(event.data).segments)
    shop.heard.push({ segments, at: Date.now() })
  })
  source.onerror = () => (shop.deaf = true)
}

window.shop = shop
