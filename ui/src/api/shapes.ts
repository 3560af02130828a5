// Answers of the server, as `openapi.json` describes them.
import type { components } from './schema';

type Schemas = components['schemas'];

/** A definition in force. What it says depends on its kind. */
export type Published<D = Record<string, unknown>> = Omit<Schemas['PublishedDefinition'], 'definition'> & { definition: D };
export type Definitions = Schemas['Definitions'];
export type Plan = Schemas['DefinitionsPlan'];
export type Segment = Schemas['Segment'];
export type Message = Schemas['Message'];
export type Attempt = Schemas['MessageAttempt'];
export type Report = Schemas['MessageReport'];
export type CampaignRun = Schemas['CampaignRun'];
export type Balance = Schemas['CampaignRunBalance'];
export type Step = Schemas['TraceStep'];
