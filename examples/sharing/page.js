// Reads flags in a page, with a token that the page's server minted by `POST /v1/browser-tokens`.
// npm install @openfeature/web-sdk @openfeature/ofrep-web-provider
import { OpenFeature } from '@openfeature/web-sdk'
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider'

export async function flags(baseUrl, token, userId) {
  const headers = [['Authorization', `Bearer ${token}`]]
  await OpenFeature.setContext({ targetingKey: `user_id:${userId}` })
  await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl, headers }))
  return OpenFeature.getClient()
}
