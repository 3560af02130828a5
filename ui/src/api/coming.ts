// What the contract promises and `openapi.json` does not have yet. It goes when that does.
interface Get { get: unknown }
interface Post { post: unknown }
export interface Coming {
  '/v1/schemas': Get;
  '/v1/complete': Get;
  '/v1/quarantine/replay': Post;
}
