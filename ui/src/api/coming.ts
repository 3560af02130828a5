// What the contract promises and `openapi.json` does not have yet. It goes when that does.
interface Get { get: unknown }
interface Post { post: unknown }
export interface Coming {
  '/v1/session': Get & Post & { delete: unknown };
  '/v1/session/join': Post;
  '/v1/session/password': Post;
  '/v1/members': Get & Post;
  '/v1/members/{email}': { patch: unknown; delete: unknown };
  '/v1/audit': Get;
  '/v1/overview': Get;
  '/v1/overview/live': Get;
  '/v1/events': Get;
  '/v1/events/live': Get;
  '/v1/profiles': Get;
  '/v1/profiles/{namespace}/{value}/timeline': Get;
  '/v1/journeys': Get;
  '/v1/journeys/{name}': Get;
  '/v1/templates': Get;
  '/v1/templates/{name}': Get;
  '/v1/templates/preview': Post;
  '/v1/messages/{id}/content': Get;
  '/v1/inbox': Get;
  '/v1/inbox/{id}': Get;
  '/v1/providers/{name}/test': Post;
  '/v1/segments/{name}/trend': Get;
  '/v1/settings': Get;
  '/v1/segments/estimate': Post;
  '/v1/segments/{name}/dependents': Get;
  '/v1/schemas': Get;
  '/v1/schemas/events/{name}': Get;
  '/v1/complete': Get;
  '/v1/quarantine/replay': Post;
}
